-- expect: column n of class open is made of person.hiv_status
-- query: bad
-- about: id bits recheck_at
-- column: n int open
select p.id, row_number() over (partition by p.hiv_status order by p.id) as n, a.bits, a.recheck_at
from access a join person p on p.id = a.person_id where a.body_id = :viewer_body
