-- expect: column name tells by its name
-- query: bad
-- about: id bits recheck_at
-- column: name text open
select p.id, coalesce(b.name, '') as name, a.bits, a.recheck_at from access a join person p on p.id = a.person_id join body b on b.id = p.version where a.body_id = :viewer_body
