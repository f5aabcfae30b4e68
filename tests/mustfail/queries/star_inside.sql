-- expect: `*` is refused
-- query: bad
-- about: id bits recheck_at
select s.id, s.bits, s.recheck_at from (select p.id, a.bits, a.recheck_at, p.* from access a join person p on p.id = a.person_id where a.body_id = :viewer_body) s
