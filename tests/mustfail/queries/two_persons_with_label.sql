-- expect: column family_name is of another person than id
-- query: bad
-- about: id bits recheck_at
-- column: family_name text identity "Surname"
select p.id, q.family_name, a.bits, a.recheck_at from access a join person p on p.id = a.person_id join person q on q.version = p.version where a.body_id = :viewer_body
