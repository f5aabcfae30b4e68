-- expect: person.hiv_status is used in conditions
-- query: bad
-- about: id bits recheck_at
-- uses: identity
select p.id, a.bits, a.recheck_at
from access a join person p on p.id = a.person_id where a.body_id = :viewer_body and (a.bits & :uses) = :uses and p.name_key = :k and p.hiv_status is null
