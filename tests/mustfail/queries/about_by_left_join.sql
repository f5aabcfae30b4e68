-- expect: nothing says that id is a.person_id
-- query: bad
-- about: id bits recheck_at
select p.id, a.bits, a.recheck_at
from access a join person p on p.version > 0
left join health h on h.person_id = a.person_id and h.person_id = p.id
where a.body_id = :viewer_body
