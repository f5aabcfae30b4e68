-- expect: nothing says that id is a.person_id
-- query: bad
-- about: id bits recheck_at
select p.id, a.bits, a.recheck_at
from access a join person p on p.version > 0
left join district d on d.id = p.version and p.id = a.person_id
where a.body_id = :viewer_body
