-- expect: column family_name of class identity is made of person.hiv_status of class hiv
-- query: bad
-- about: id bits recheck_at
-- column: id int open
-- column: bits int open
-- column: recheck_at instant open
-- column: family_name text identity
select p.id, p.family_name, a.bits, a.recheck_at
from access a join person p on p.id = a.person_id where a.body_id = :viewer_body
union all
select p.id, p.hiv_status, a.bits, a.recheck_at
from access a join person p on p.id = a.person_id where a.body_id = :viewer_body
