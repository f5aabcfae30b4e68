-- expect: `using` is refused
-- query: bad
-- about: id bits recheck_at
select p.id, a.bits, a.recheck_at from person p join health h using (person_id) join access a on a.person_id = p.id where a.body_id = :viewer_body
