-- expect: {keys}, {after} and {order}
-- query: bad
-- about: id bits recheck_at
-- sort: s = p.id
select p.id, a.bits, a.recheck_at {keys}
from access a join person p on p.id = a.person_id where a.body_id = :viewer_body
order by {order} limit :limit
