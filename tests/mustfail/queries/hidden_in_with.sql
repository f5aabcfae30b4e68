-- expect: person.hiv_status is used in conditions
-- query: bad
-- about: id bits recheck_at
with w as (select q.id, q.hiv_status as category from person q)
select p.id, a.bits, a.recheck_at
from access a join person p on p.id = a.person_id join w on w.id = p.id where a.body_id = :viewer_body and w.category = '1'
