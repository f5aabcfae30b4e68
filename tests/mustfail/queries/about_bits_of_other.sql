-- expect: about: bits is not access.bits
-- query: bad
-- about: id bits recheck_at
select p.id, p.version as bits, a.recheck_at
from access a join person p on p.id = a.person_id where a.body_id = :viewer_body
