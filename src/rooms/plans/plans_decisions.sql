-- Decisions under control: of meetings that the viewer's body holds, and those it carries out.

-- query: decision_cases
-- about: person_id bits recheck_at
-- uses:  identity
-- column: task text open "Decided"
-- column: measure_state code open list=measure_state "Measure"
-- column: responsible text open "Responsible worker"
-- column: late int open
-- internal: person_id owner_id account_body classes measure_id
-- discloses: owner owner_id
-- discloses: responsible account_body
-- sort:  due! = d.due_on, d.id
-- page:  50
select d.id, d.meeting_id, m.number, m.meets_at, d.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to,
       d.words, null as task, d.body_id as owner_id, b.name as owner, w.body_id as account_body, w.name as responsible, d.due_on, d.state, d.measure_id, x.state as measure_state,
       case when d.due_on < :today and d.state = 'open' and (x.state is null or x.state in ('planned', 'sent', 'in_progress')) then 1 else 0 end as late, d.classes, a.bits, a.recheck_at {keys}
from decision d
cross join access a
cross join person p
join meeting m on m.id = d.meeting_id
join body b on b.id = d.body_id
left join account w on w.id = d.account_id
left join measure x on x.id = d.measure_id
where a.body_id = :viewer_body and a.person_id = d.person_id and p.id = a.person_id
  and (d.body_id = :viewer_body or m.body_id = :viewer_body) and (a.bits & :uses) = :uses
  and (a.bits & :role_bits & d.classes) = d.classes & :plain_classes
  and d.state not in ('draft', 'rejected')
  and d.body_id = :owner and (d.account_id is null or d.account_id = :viewer_account)    --? owner
  and m.body_id + 0 = :held    --? held
  and d.state = 'open' and d.due_on < :overdue and (x.state is null or x.state in ('planned', 'sent', 'in_progress'))    --? overdue
  and d.state = 'open' and d.due_on >= :due and (x.state is null or x.state in ('planned', 'sent', 'in_progress'))    --? due
  and d.state = :state    --? state
  and {after}
order by {order}
limit :limit

-- query: decision_tasks
-- about: none
-- column: person_id int open
-- column: family_name text open
-- column: given_name text open
-- column: patronymic text open
-- column: birth_date date open
-- column: birth_year_from int open
-- column: birth_year_to int open
-- column: words text open
-- column: measure_state code open list=measure_state
-- column: responsible text open "Responsible worker"
-- column: late int open
-- column: classes int open
-- column: bits int open
-- column: recheck_at instant open
-- internal: person_id family_name given_name patronymic birth_date birth_year_from birth_year_to words owner_id account_body classes measure_id measure_state bits recheck_at
-- sort:  due = d.due_on, d.id
-- page:  50
select d.id, d.meeting_id, m.number, m.meets_at, null as person_id, null as family_name, null as given_name, null as patronymic, null as birth_date, null as birth_year_from, null as birth_year_to,
       null as words, d.task, d.body_id as owner_id, b.name as owner, w.body_id as account_body, w.name as responsible, d.due_on, d.state, d.measure_id, null as measure_state,
       case when d.due_on < :today and d.state = 'open' then 1 else 0 end as late, null as classes, null as bits, null as recheck_at {keys}
from decision d
join meeting m on m.id = d.meeting_id
join body b on b.id = d.body_id
left join account w on w.id = d.account_id
where (d.body_id = :viewer_body or m.body_id = :viewer_body) and d.person_id is null
  and d.state not in ('draft', 'rejected')
  and d.body_id = :owner and (d.account_id is null or d.account_id = :viewer_account)    --? owner
  and m.body_id + 0 = :held    --? held
  and d.state = 'open' and d.due_on < :overdue    --? overdue
  and d.state = 'open' and d.due_on >= :due       --? due
  and d.state = :state    --? state
  and {after}
order by {order}
limit :limit

-- query: decision_case
-- maybe
-- about: person_id bits recheck_at
-- uses:  identity
-- column: task text open
-- column: report text open
-- column: measure_state code open list=measure_state "Measure"
-- column: responsible text open "Responsible worker"
-- column: secretary text open "Secretary"
-- column: late int open
-- internal: person_id owner_id account_body classes measure_id holder_id secretary_body
-- discloses: owner owner_id
-- discloses: responsible account_body
-- discloses: holder holder_id
-- discloses: secretary secretary_body
select d.id, d.version, d.meeting_id, d.item_id, m.number, m.meets_at, m.kind, m.state as meeting_state, m.ballot, d.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from,
       p.birth_year_to, d.case_id, d.words, null as task, d.body_id as owner_id, b.name as owner, w.body_id as account_body, w.name as responsible, d.due_on, d.state, d.vote,
       d.n_for, d.n_against, d.n_abstained, d.measure_id, x.state as measure_state, d.done_on, d.result_note, null as report, d.off_on, m.body_id as holder_id, h.name as holder,
       se.body_id as secretary_body, se.name as secretary, case when d.due_on < :today and d.state = 'open' and (x.state is null or x.state in ('planned', 'sent', 'in_progress')) then 1 else 0 end as late, d.classes, a.bits, a.recheck_at
from decision d
join meeting m on m.id = d.meeting_id
join body h on h.id = m.body_id
join access a on a.body_id = :viewer_body and a.person_id = d.person_id
join person p on p.id = d.person_id
join body b on b.id = d.body_id
left join account w on w.id = d.account_id
left join account se on se.id = m.secretary_id
left join measure x on x.id = d.measure_id
where d.id = :id and (a.bits & :uses) = :uses
  and (a.bits & :role_bits & d.classes) = d.classes & :plain_classes
  and (m.body_id = :viewer_body or d.body_id = :viewer_body and d.state not in ('draft', 'rejected') or exists (select v.id from invitation v where v.meeting_id = m.id and v.body_id = :viewer_body))

-- query: decision_task
-- maybe
-- about: none
-- column: person_id int open
-- column: family_name text open
-- column: given_name text open
-- column: patronymic text open
-- column: birth_date date open
-- column: birth_year_from int open
-- column: birth_year_to int open
-- column: case_id int open
-- column: words text open
-- column: measure_state code open list=measure_state
-- column: result_note text open
-- column: responsible text open
-- column: secretary text open
-- column: late int open
-- column: classes int open
-- column: bits int open
-- column: recheck_at instant open
select d.id, d.version, d.meeting_id, d.item_id, m.number, m.meets_at, m.kind, m.state as meeting_state, m.ballot, null as person_id, null as family_name, null as given_name, null as patronymic, null as birth_date, null as birth_year_from,
       null as birth_year_to, null as case_id, null as words, d.task, d.body_id as owner_id, b.name as owner, w.body_id as account_body, w.name as responsible, d.due_on, d.state, d.vote,
       d.n_for, d.n_against, d.n_abstained, d.measure_id, null as measure_state, d.done_on, null as result_note, d.report, d.off_on, m.body_id as holder_id, h.name as holder,
       se.body_id as secretary_body, se.name as secretary, case when d.due_on < :today and d.state = 'open' then 1 else 0 end as late, null as classes, null as bits, null as recheck_at
from decision d
join meeting m on m.id = d.meeting_id
join body h on h.id = m.body_id
join body b on b.id = d.body_id
left join account w on w.id = d.account_id
left join account se on se.id = m.secretary_id
where d.id = :id and d.person_id is null
  and (m.body_id = :viewer_body or d.body_id = :viewer_body and d.state not in ('draft', 'rejected') or exists (select v.id from invitation v where v.meeting_id = m.id and v.body_id = :viewer_body))

-- Who voted how: open votes only, and only those of the meeting's members.
-- query: votes_open
-- about: none
-- column: member text open "Member"
select c.id, b.name as body_name, w.name as member, c.choice
from vote_cast c
join invitation v on v.id = c.invitation_id
join body b on b.id = v.body_id
left join account w on w.id = coalesce(v.substitute_id, v.account_id)
where c.decision_id = :decision and c.choice is not null
order by c.id
limit 200

-- query: votes_cast_n
-- for: count
-- one
-- column: n int open
select count(*) as n from vote_cast c where c.decision_id = :decision

-- What is to be carried out, or taken off control, and is not about persons; counted here. Of persons: tasks_of_cases.
-- query: tasks_due
-- for: count
-- one
-- column: n int open
-- column: late int open
select count(*) as n, sum(case when d.due_on < :today then 1 else 0 end) as late
from decision d
where d.body_id = :viewer_body and d.state = 'open' and d.person_id is null and (d.account_id is null or d.account_id = :viewer_account)

-- The sealed classes are looked at in C.
-- query: tasks_of_cases
-- for: rule
-- column: bits int open
select d.id, d.person_id, d.due_on, d.account_id, d.classes, (select a.bits from access a where a.body_id = :viewer_body and a.person_id = d.person_id) as bits
from decision d
where d.body_id = :viewer_body and d.state = 'open' and d.measure_id is null and d.person_id is not null and (d.account_id is null or d.account_id = :viewer_account)
order by d.due_on, d.id
limit 400

-- ---- statements of rules ----

-- query: decision_facts
-- for: rule
-- maybe
select d.id, d.version, d.meeting_id, d.item_id, d.person_id, d.case_id, d.words, d.body_id, d.account_id, d.due_on, d.goal_id, d.need, d.ground, d.measure_id,
       d.state, d.vote, d.n_for, d.n_against, d.n_abstained, d.classes
from decision d
where d.id = :id

-- query: decisions_of
-- for: rule
select d.id, d.item_id, d.person_id, d.case_id, d.words, d.body_id, d.account_id, d.due_on, d.goal_id, d.need, d.ground, d.state, d.vote, d.classes
from decision d
where d.meeting_id = :meeting
order by d.id

-- query: decision_measure_state
-- for: rule
-- maybe
select x.state from measure x where x.id = :measure

-- query: vote_of
-- for: rule
-- maybe
select c.id, c.choice from vote_cast c where c.decision_id = :decision and c.invitation_id = :invitation

-- A ballot of a secret vote leaves no trace of who has cast which.
-- query: ballot_count
-- for: write
update decision set n_for = n_for + :n_for, n_against = n_against + :n_against, n_abstained = n_abstained + :n_abstained where id = :id

-- query: votes_drop
-- for: write
delete from vote_cast where decision_id = :decision

-- query: decision_drop
-- for: write
delete from decision where id = :id

-- query: decisions_of_account
-- for: rule
select d.id, d.person_id, d.case_id, d.body_id, d.classes
from decision d
where d.account_id = :account and d.state in ('draft', 'open')
order by d.id

-- query: decisions_of_body
-- for: rule
select d.id, d.person_id, d.case_id, d.classes, d.state
from decision d
where d.body_id = :body and d.state in ('draft', 'open')
order by d.id

-- ---- what is kept for a term ----

-- query: agenda_item_retained
-- for: rule
select i.id, i.person_id, i.case_id, m.meets_at as since, i.classes
from agenda_item i
join meeting m on m.id = i.meeting_id
where i.body_id = :body and i.person_id is not null and m.state in ('approved', 'cancelled') and m.meets_at < :before_at and i.id > :after
order by i.id
limit :rows

-- query: decision_retained
-- for: rule
select d.id, d.person_id, d.case_id, m.meets_at as since, d.classes
from decision d
join meeting m on m.id = d.meeting_id
join agenda_item i on i.id = d.item_id
where i.body_id = :body and d.person_id is not null and m.state = 'approved' and d.state in ('off', 'rejected', 'done', 'not_done') and m.meets_at < :before_at and d.id > :after
order by d.id
limit :rows

-- query: minutes_addendum_retained
-- for: rule
-- column: case_id int open
select x.id, x.person_id, i.case_id, m.meets_at as since, x.classes
from minutes_addendum x
join agenda_item i on i.id = x.item_id
join meeting m on m.id = x.meeting_id
where i.body_id = :body and x.person_id is not null and m.meets_at < :before_at and x.id > :after
order by x.id
limit :rows

-- ---- bereg check ----

-- query: votes_odd
-- for: rule
-- scan: `bereg check` looks at all of them
select d.id
from decision d
where d.n_for + d.n_against + d.n_abstained <> (select count(*) from vote_cast c where c.decision_id = d.id)
order by d.id
limit 100

-- query: choices_odd
-- for: rule
-- scan: `bereg check` looks at all of them
select d.id
from decision d
join meeting m on m.id = d.meeting_id
where m.ballot = 'open' and (d.n_for <> (select count(*) from vote_cast c where c.decision_id = d.id and c.choice = 'for')
  or d.n_against <> (select count(*) from vote_cast c where c.decision_id = d.id and c.choice = 'against'))
order by d.id
limit 100

-- query: decisions_odd
-- for: rule
-- scan: `bereg check` looks at all of them
select d.id
from decision d
join meeting m on m.id = d.meeting_id
where (m.state = 'approved' and d.state = 'draft') or (m.state <> 'approved' and d.state <> 'draft')
  or (d.person_id is null) <> ((select i.person_id from agenda_item i where i.id = d.item_id) is null)
order by d.id
limit 100
