-- expect: `a.body_id = :viewer_body` is missing
-- query: bad
-- about: id bits recheck_at
select p.id, a.bits, a.recheck_at
from access a join person p on p.id = a.person_id
left join district d on d.id = p.version and a.body_id = :viewer_body
