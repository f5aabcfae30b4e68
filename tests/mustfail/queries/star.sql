-- expect: `*` is refused
-- query: bad
-- about: id bits recheck_at
select *
from access a join person p on p.id = a.person_id where a.body_id = :viewer_body
