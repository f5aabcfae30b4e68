-- expect: column family_name is of class identity
-- query: bad
-- about: id bits recheck_at
-- column: family_name text open
select p.id, p.family_name, a.bits, a.recheck_at
from access a join person p on p.id = a.person_id where a.body_id = :viewer_body
