-- expect: column other is of another person than id
-- query: bad
-- about: id bits recheck_at
-- column: other text identity
select p.id, (select q.family_name from person q where q.version = p.version) as other, a.bits, a.recheck_at from access a join person p on p.id = a.person_id where a.body_id = :viewer_body
