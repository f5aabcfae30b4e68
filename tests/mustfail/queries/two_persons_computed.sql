-- expect: column other is of another person than id
-- query: bad
-- about: id bits recheck_at
-- column: other text identity
select p.id, coalesce(q.family_name, '') as other, a.bits, a.recheck_at from access a join person p on p.id = a.person_id join person q on q.version = p.version where a.body_id = :viewer_body
