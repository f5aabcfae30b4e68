-- expect: column d of class open is made of person.hiv_status
-- query: bad
-- about: id bits recheck_at
select p.id, (select d.name from district d where d.id = p.district_id and p.hiv_status is null) as d, a.bits, a.recheck_at
from access a join person p on p.id = a.person_id where a.body_id = :viewer_body
