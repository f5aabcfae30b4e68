-- expect: column x of class open is made of person.hiv_status
-- query: bad
-- about: id bits recheck_at
-- column: x int open
select p.id, case when p.hiv_status is null then 0 else 1 end as x, a.bits, a.recheck_at
from access a join person p on p.id = a.person_id where a.body_id = :viewer_body
