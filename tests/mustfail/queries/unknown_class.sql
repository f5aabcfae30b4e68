-- expect: are not classes of data
-- query: bad
-- about: id bits recheck_at
-- uses: secrets
select p.id, a.bits, a.recheck_at
from access a join person p on p.id = a.person_id where a.body_id = :viewer_body
