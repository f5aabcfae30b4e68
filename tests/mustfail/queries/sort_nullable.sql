-- expect: p.district_id may be null
-- query: bad
-- about: id bits recheck_at
-- sort: s = p.district_id, p.id
select p.id, a.bits, a.recheck_at {keys}
from access a join person p on p.id = a.person_id where a.body_id = :viewer_body and {after}
order by {order} limit :limit
