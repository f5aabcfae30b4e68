-- What names a body that is closed.

-- query: consents_to
-- for: rule
select c.id, c.person_id, c.body_id, c.classes
from consent c
where c.to_body_id = :body and c.withdrawn_on is null and c.until >= :day
order by c.id

-- query: restrictions_of_body
-- for: rule
-- scan: restricted persons are few
select x.id, x.person_id
from restriction x
where x.body_id = :body and x.ended_at is null
