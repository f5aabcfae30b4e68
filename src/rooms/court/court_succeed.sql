-- Decisions that a closed body executes.

-- query: sentences_of_executor
-- for: rule
select s.id, s.person_id, s.classes
from access_grant g
join sentence s on s.id = g.ref_id
where g.body_id = :body and g.person_id = s.person_id and g.ref = 'sentence' and g.ended_at is null
  and (g.until is null or g.until > :now) and s.executor_body_id = :body
order by s.id
