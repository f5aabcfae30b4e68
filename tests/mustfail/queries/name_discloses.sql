-- expect: column name tells by its name
-- query: bad
-- about: id bits recheck_at
select p.id, b.name, a.bits, a.recheck_at from access a join person p on p.id = a.person_id join health h on h.person_id = p.id join body b on b.id = p.version where a.body_id = :viewer_body
