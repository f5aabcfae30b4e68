-- expect: person.hiv_status is used in conditions
-- query: bad
-- about: id bits recheck_at
select p.id, p.hiv_status, a.bits, a.recheck_at
from access a join person p on p.id = a.person_id where a.body_id = :viewer_body and p.hiv_status = 'positive'
