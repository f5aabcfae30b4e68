-- Absences: who is away, who stands in.

-- The absence of a day; two do not overlap.
-- query: absence_on
-- for: rule
-- maybe
select x.id, x.since, x.until, x.substitute_id
from absence x
where x.account_id = :account and x.since <= :day and x.until >= :day and x.cancelled = 0
limit 1

-- query: absences_between
-- for: rule
select x.since, x.until, x.substitute_id
from absence x
where x.account_id = :account and x.since <= :until and x.until >= :since and x.cancelled = 0
order by x.since, x.id

-- query: absence_facts
-- for: rule
-- maybe
select x.id, x.account_id, x.body_id, x.since, x.until, x.cancelled
from absence x
where x.id = :id

-- Not over yet; of one worker, or of a body.
-- query: absence_list
-- about: none
-- column: worker text open "Who is absent"
-- column: substitute text open "Who stands in"
-- column: now int open
-- sort: last = x.until, x.id
-- page: 50
select x.id, x.version, x.account_id, w.name as worker, x.kind, x.since, x.until, s.name as substitute,
       case when x.since <= :today then 1 else 0 end as now {keys}
from absence x
join account w on w.id = x.account_id
left join account s on s.id = x.substitute_id
where x.body_id = :body and x.until >= :today and x.cancelled = 0
  and x.account_id = :account                          --? account
  and x.since <= :today                                --? running
  and x.since <= :uncovered and x.substitute_id is null    --? uncovered
  and {after}
order by {order}
limit :limit
