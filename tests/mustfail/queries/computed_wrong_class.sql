-- expect: column status of class identity is made of person.hiv_status
-- query: bad
-- about: id bits recheck_at
-- column: status text identity
select p.id, coalesce(p.hiv_status, '') as status, a.bits, a.recheck_at
from access a join person p on p.id = a.person_id where a.body_id = :viewer_body
