-- expect: `b.body_id = :viewer_body` is missing
-- query: bad
-- about: id bits recheck_at
-- column: id int open
-- column: bits int open
-- column: recheck_at instant open
-- column: family_name text identity
select p.id, p.family_name, a.bits, a.recheck_at
from access a join person p on p.id = a.person_id where a.body_id = :viewer_body
union all
select p.id, p.family_name, b.bits, b.recheck_at
from access b join person p on p.id = b.person_id where b.body_id = :other
