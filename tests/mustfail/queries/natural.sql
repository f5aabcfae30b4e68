-- expect: `natural` is refused
-- query: bad
-- about: id bits recheck_at
select p.id, a.bits, a.recheck_at from person p natural join access a where a.body_id = :viewer_body
