-- expect: `desc` stands once, last
-- query: bad
-- about: id bits recheck_at
-- sort: s = p.version desc, p.id
select p.id, a.bits, a.recheck_at {keys}
from access a join person p on p.id = a.person_id where a.body_id = :viewer_body and {after}
order by {order} limit :limit
