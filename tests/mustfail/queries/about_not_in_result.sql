-- expect: about: recheck_at is no result column
-- query: bad
-- about: id bits recheck_at
select p.id, a.bits
from access a join person p on p.id = a.person_id where a.body_id = :viewer_body
