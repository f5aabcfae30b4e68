-- expect: nothing says that id is a.person_id
-- query: bad
-- about: id bits recheck_at
select p.id, a.bits, a.recheck_at from access a join person p on p.id = a.person_id or p.id = 1 where a.body_id = :viewer_body
