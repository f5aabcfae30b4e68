-- expect: column n of class open is made of health.disability
-- query: bad
-- about: id bits recheck_at
-- column: n int open
select p.id, (select count(h.disability) from health h where h.person_id = p.id) as n, a.bits, a.recheck_at
from access a join person p on p.id = a.person_id where a.body_id = :viewer_body
