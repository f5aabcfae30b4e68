-- expect: `(a.bits & :uses) = :uses` is missing
-- query: bad
-- about: id bits recheck_at
-- uses: identity
select p.id, a.bits, a.recheck_at
from access a join person p on p.id = a.person_id where a.body_id = :viewer_body and p.name_key = :k
 and (a.bits & :uses) = :uses --? k
