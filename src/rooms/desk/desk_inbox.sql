-- The inbox: who owes whom what, by when. Statements with the same columns, so that they stand in one table: what we owe, what
-- others owe us, answers to our referrals, proposals of another term, drafts, measures of our own. Whose: `worker` is the one of our
-- side. late, today, soon and bucket are filled in by desk_inbox.c.

-- query: inbox_owing
-- scan: newest sorts the open rows of one body
-- about: person_id bits recheck_at
-- uses:  identity
-- column: what text identity from=classes "Measure"
-- column: worker text open "Worker"
-- column: due_on date open "Next step by"
-- column: due_at instant open "Next step by, time"
-- column: change code open list=term_change "Change of the term"
-- column: date_on date open "New date"
-- column: late int open "Working days overdue"
-- column: today int open
-- column: soon int open
-- column: bucket text open
-- column: change_classes int open
-- internal: person_id body_id worker_body classes change_classes today soon bucket
-- discloses: body_name body_id
-- discloses: worker worker_body
-- sort:  due = r.next_on, r.id ; newest! = r.id desc
-- page:  40
select r.id, r.number, r.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, r.need, null as what,
       o.id as body_id, o.name as body_name, w.body_id as worker_body, w.name as worker, r.sent_on, r.next_on as due_on,
       r.next_at as due_at, r.state, r.escalation, null as change, null as date_on, null as late, null as today,
       null as soon, null as bucket, null as change_classes, r.classes, a.bits, a.recheck_at {keys}
from referral r
join access a on a.body_id = :viewer_body and a.person_id = r.person_id
join person p on p.id = r.person_id
join body o on o.id = r.waiting_body_id
left join account w on w.id = case when r.to_body_id = :viewer_body then r.to_account_id else r.from_account_id end
where r.owing_body_id = :viewer_body and (a.bits & :uses) = :uses
  and (a.bits & :role_bits & r.classes) = r.classes & :plain_classes
  and r.state in ('sent', 'received')                           --? fresh
  and r.state in ('accepted', 'in_progress')                    --? work
  and r.next_on <= :today and (r.next_on < :today or r.next_at < :now)        --? overdue
  and r.next_on = :today and (r.next_at is null or r.next_at >= :now)         --? day
  and r.next_on > :today and r.next_on <= :week                 --? week
  and r.next_on > :later                                        --? later
  and r.escalation > 0                                          --? escalated
  and (w.id is null or w.id = :account)    --? account
  and (w.id is null or :accounts like '% ' || w.id || ' %')    --? accounts
  and (w.id is null or w.id in (select u.id from account u where u.unit_id = :unit))    --? unit
  and w.id = :worker    --? worker
  and w.id is null    --? nobody
  and {after}
order by {order}
limit :limit

-- query: inbox_waiting
-- scan: newest sorts the open rows of one body
-- like: inbox_owing
-- sort:  due = r.next_on, r.id ; newest! = r.id desc
-- page:  40
select r.id, r.number, r.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, r.need, null as what,
       o.id as body_id, o.name as body_name, w.body_id as worker_body, w.name as worker, r.sent_on, r.next_on as due_on,
       r.next_at as due_at, r.state, r.escalation, null as change, null as date_on, null as late, null as today,
       null as soon, null as bucket, null as change_classes, r.classes, a.bits, a.recheck_at {keys}
from referral r
join access a on a.body_id = :viewer_body and a.person_id = r.person_id
join person p on p.id = r.person_id
join body o on o.id = r.owing_body_id
left join account w on w.id = case when r.to_body_id = :viewer_body then r.to_account_id else r.from_account_id end
where r.waiting_body_id = :viewer_body and (a.bits & :uses) = :uses
  and (a.bits & :role_bits & r.classes) = r.classes & :plain_classes
  and r.next_on <= :today and (r.next_on < :today or r.next_at < :now)    --? overdue
  and (w.id is null or w.id = :account)    --? account
  and (w.id is null or :accounts like '% ' || w.id || ' %')    --? accounts
  and (w.id is null or w.id in (select u.id from account u where u.unit_id = :unit))    --? unit
  and w.id = :worker    --? worker
  and w.id is null    --? nobody
  and {after}
order by {order}
limit :limit

-- due_from keeps the walk short: an answer comes within weeks of the date due.
-- query: inbox_answers
-- like: inbox_owing
-- sort:  due! = r.due_on, r.id ; newest! = r.id desc
-- page:  40
select r.id, r.number, r.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, r.need, null as what,
       o.id as body_id, o.name as body_name, w.body_id as worker_body, w.name as worker, r.sent_on, r.due_on as due_on,
       null as due_at, r.state, r.escalation, null as change, null as date_on, null as late, null as today,
       null as soon, null as bucket, null as change_classes, r.classes, a.bits, a.recheck_at {keys}
from referral r
join access a on a.body_id = :viewer_body and a.person_id = r.person_id
join person p on p.id = r.person_id
join body o on o.id = r.to_body_id
left join account w on w.id = r.from_account_id
where r.from_body_id = :viewer_body and (a.bits & :uses) = :uses
  and (a.bits & :role_bits & r.classes) = r.classes & :plain_classes
  and r.state in ('declined', 'done', 'not_done') and r.due_on >= :due_from and r.finished_on >= :since
  and (r.from_account_id is null or r.from_account_id = :account)    --? account
  and (r.from_account_id is null or :accounts like '% ' || r.from_account_id || ' %')    --? accounts
  and (r.from_account_id is null or r.from_account_id in (select u.id from account u where u.unit_id = :unit))    --? unit
  and r.from_account_id = :worker    --? worker
  and r.from_account_id is null    --? nobody
  and {after}
order by {order}
limit :limit

-- query: inbox_proposals
-- like: inbox_owing
-- sort:  due! = r.next_on, t.id ; newest! = t.id desc
-- page:  40
select r.id, r.number, r.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, r.need, null as what,
       o.id as body_id, o.name as body_name, w.body_id as worker_body, w.name as worker, r.sent_on, r.next_on as due_on,
       r.next_at as due_at, r.state, r.escalation, t.kind as change, t.date_on, null as late, null as today,
       null as soon, null as bucket, t.classes as change_classes, r.classes, a.bits, a.recheck_at {keys}
from term_change t
join referral r on r.id = t.referral_id
join access a on a.body_id = :viewer_body and a.person_id = r.person_id
join person p on p.id = r.person_id
join body o on o.id = t.body_id
left join account w on w.id = case when r.to_body_id = :viewer_body then r.to_account_id else r.from_account_id end
where t.other_body_id = :viewer_body and t.state = 'asked' and (a.bits & :uses) = :uses
  and (a.bits & :role_bits & r.classes) = r.classes & :plain_classes
  and (a.bits & :role_bits & t.classes) = t.classes & :plain_classes
  and (w.id is null or w.id = :account)    --? account
  and (w.id is null or :accounts like '% ' || w.id || ' %')    --? accounts
  and (w.id is null or w.id in (select u.id from account u where u.unit_id = :unit))    --? unit
  and w.id = :worker    --? worker
  and w.id is null    --? nobody
  and {after}
order by {order}
limit :limit

-- query: inbox_drafts
-- like: inbox_owing
-- sort:  due = r.due_on, r.id ; newest! = r.id desc
-- page:  40
select r.id, r.number, r.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, r.need, null as what,
       o.id as body_id, o.name as body_name, w.body_id as worker_body, w.name as worker, r.sent_on, r.due_on as due_on,
       null as due_at, r.state, r.escalation, null as change, null as date_on, null as late, null as today,
       null as soon, null as bucket, null as change_classes, r.classes, a.bits, a.recheck_at {keys}
from referral r
join access a on a.body_id = :viewer_body and a.person_id = r.person_id
join person p on p.id = r.person_id
join body o on o.id = r.to_body_id
left join account w on w.id = r.from_account_id
where r.from_body_id = :viewer_body and r.state = 'draft' and (a.bits & :uses) = :uses
  and (a.bits & :role_bits & r.classes) = r.classes & :plain_classes
  and r.created_at < :before    --? before
  and (r.from_account_id is null or r.from_account_id = :account)    --? account
  and (r.from_account_id is null or :accounts like '% ' || r.from_account_id || ' %')    --? accounts
  and (r.from_account_id is null or r.from_account_id in (select u.id from account u where u.unit_id = :unit))    --? unit
  and r.from_account_id = :worker    --? worker
  and r.from_account_id is null    --? nobody
  and {after}
order by {order}
limit :limit

-- query: inbox_measures
-- about: person_id bits recheck_at
-- uses:  identity
-- column: worker text open "Worker"
-- column: due_on date open "Next step by"
-- column: due_at instant open "Next step by, time"
-- column: change code open list=term_change "Change of the term"
-- column: date_on date open "New date"
-- column: late int open "Working days overdue"
-- column: today int open
-- column: soon int open
-- column: bucket text open
-- column: change_classes int open
-- internal: person_id body_id worker_body classes change_classes today soon bucket
-- discloses: body_name body_id
-- discloses: worker worker_body
-- column: sent_on date open
-- column: escalation int open
-- sort:  due = m.due_on, m.id ; newest! = m.id desc
-- page:  40
select m.id, g.number, m.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, m.need, m.words as what,
       o.id as body_id, o.name as body_name, w.body_id as worker_body, w.name as worker, null as sent_on, m.due_on as due_on,
       null as due_at, m.state, null as escalation, null as change, null as date_on, null as late, null as today,
       null as soon, null as bucket, null as change_classes, m.classes, a.bits, a.recheck_at {keys}
from measure m
join programme g on g.id = m.programme_id
join access a on a.body_id = :viewer_body and a.person_id = m.person_id
join person p on p.id = m.person_id
join body o on o.id = g.body_id
left join account w on w.id = g.account_id
where m.body_id = :viewer_body and (a.bits & :uses) = :uses
  and (a.bits & :role_bits & m.classes) = m.classes & :plain_classes
  and m.state = 'in_progress' and m.referral_id is null
  and (g.account_id is null or g.account_id = :account)    --? account
  and (g.account_id is null or :accounts like '% ' || g.account_id || ' %')    --? accounts
  and (g.account_id is null or g.account_id in (select u.id from account u where u.unit_id = :unit))    --? unit
  and g.account_id = :worker    --? worker
  and g.account_id is null    --? nobody
  and {after}
order by {order}
limit :limit

-- The counters: one pass over what the body owes (where that is too much, one over each group), and one over each other group, no
-- further than to a hundred. Counted by desk_inbox.c, since SQL does not see sealed classes.

-- query: inbox_owing_count
-- for: rule
-- column: worker int open
select r.state, r.next_on, r.next_at, r.escalation, case when r.to_body_id = :viewer_body then r.to_account_id else r.from_account_id end as worker, r.classes, a.bits
from referral r
join access a on a.body_id = :viewer_body and a.person_id = r.person_id
where r.owing_body_id = :viewer_body
  and (a.bits & :role_bits & r.classes) = r.classes & :plain_classes
  and r.state in ('sent', 'received')                           --? fresh
  and r.state in ('accepted', 'in_progress')                    --? work
  and r.next_on <= :today and (r.next_on < :today or r.next_at < :now)        --? overdue
  and r.next_on = :today and (r.next_at is null or r.next_at >= :now)         --? day
  and r.next_on > :today and r.next_on <= :week                 --? week
  and r.next_on > :later                                        --? later
  and ((case when r.to_body_id = :viewer_body then r.to_account_id else r.from_account_id end) is null or (case when r.to_body_id = :viewer_body then r.to_account_id else r.from_account_id end) = :account)    --? account
  and ((case when r.to_body_id = :viewer_body then r.to_account_id else r.from_account_id end) is null or :accounts like '% ' || (case when r.to_body_id = :viewer_body then r.to_account_id else r.from_account_id end) || ' %')    --? accounts
  and ((case when r.to_body_id = :viewer_body then r.to_account_id else r.from_account_id end) is null or (case when r.to_body_id = :viewer_body then r.to_account_id else r.from_account_id end) in (select u.id from account u where u.unit_id = :unit))    --? unit
  and (case when r.to_body_id = :viewer_body then r.to_account_id else r.from_account_id end) = :worker    --? worker
  and (case when r.to_body_id = :viewer_body then r.to_account_id else r.from_account_id end) is null    --? nobody
order by r.next_on, r.id
limit :rows

-- query: inbox_waiting_count
-- for: rule
-- column: worker int open
select r.state, r.next_on, r.next_at, r.escalation, case when r.to_body_id = :viewer_body then r.to_account_id else r.from_account_id end as worker, r.classes, a.bits
from referral r
join access a on a.body_id = :viewer_body and a.person_id = r.person_id
where r.waiting_body_id = :viewer_body
  and (a.bits & :role_bits & r.classes) = r.classes & :plain_classes
  and ((case when r.to_body_id = :viewer_body then r.to_account_id else r.from_account_id end) is null or (case when r.to_body_id = :viewer_body then r.to_account_id else r.from_account_id end) = :account)    --? account
  and ((case when r.to_body_id = :viewer_body then r.to_account_id else r.from_account_id end) is null or :accounts like '% ' || (case when r.to_body_id = :viewer_body then r.to_account_id else r.from_account_id end) || ' %')    --? accounts
  and ((case when r.to_body_id = :viewer_body then r.to_account_id else r.from_account_id end) is null or (case when r.to_body_id = :viewer_body then r.to_account_id else r.from_account_id end) in (select u.id from account u where u.unit_id = :unit))    --? unit
  and (case when r.to_body_id = :viewer_body then r.to_account_id else r.from_account_id end) = :worker    --? worker
  and (case when r.to_body_id = :viewer_body then r.to_account_id else r.from_account_id end) is null    --? nobody
order by r.next_on, r.id
limit :rows

-- query: inbox_answers_count
-- for: rule
select r.classes, a.bits
from referral r
join access a on a.body_id = :viewer_body and a.person_id = r.person_id
where r.from_body_id = :viewer_body
  and (a.bits & :role_bits & r.classes) = r.classes & :plain_classes
  and r.state in ('declined', 'done', 'not_done') and r.due_on >= :due_from and r.finished_on >= :since
  and (r.from_account_id is null or r.from_account_id = :account)    --? account
  and (r.from_account_id is null or :accounts like '% ' || r.from_account_id || ' %')    --? accounts
  and (r.from_account_id is null or r.from_account_id in (select u.id from account u where u.unit_id = :unit))    --? unit
  and r.from_account_id = :worker    --? worker
  and r.from_account_id is null    --? nobody
limit 200

-- query: inbox_proposals_count
-- for: rule
select t.classes, a.bits
from term_change t
join referral r on r.id = t.referral_id
join access a on a.body_id = :viewer_body and a.person_id = r.person_id
where t.other_body_id = :viewer_body and t.state = 'asked'
  and (a.bits & :role_bits & r.classes) = r.classes & :plain_classes
  and (a.bits & :role_bits & t.classes) = t.classes & :plain_classes
  and ((case when r.to_body_id = :viewer_body then r.to_account_id else r.from_account_id end) is null or (case when r.to_body_id = :viewer_body then r.to_account_id else r.from_account_id end) = :account)    --? account
  and ((case when r.to_body_id = :viewer_body then r.to_account_id else r.from_account_id end) is null or :accounts like '% ' || (case when r.to_body_id = :viewer_body then r.to_account_id else r.from_account_id end) || ' %')    --? accounts
  and ((case when r.to_body_id = :viewer_body then r.to_account_id else r.from_account_id end) is null or (case when r.to_body_id = :viewer_body then r.to_account_id else r.from_account_id end) in (select u.id from account u where u.unit_id = :unit))    --? unit
  and (case when r.to_body_id = :viewer_body then r.to_account_id else r.from_account_id end) = :worker    --? worker
  and (case when r.to_body_id = :viewer_body then r.to_account_id else r.from_account_id end) is null    --? nobody
limit 200

-- query: inbox_drafts_count
-- for: rule
select r.classes, a.bits
from referral r
join access a on a.body_id = :viewer_body and a.person_id = r.person_id
where r.from_body_id = :viewer_body and r.state = 'draft'
  and (a.bits & :role_bits & r.classes) = r.classes & :plain_classes
  and (r.from_account_id is null or r.from_account_id = :account)    --? account
  and (r.from_account_id is null or :accounts like '% ' || r.from_account_id || ' %')    --? accounts
  and (r.from_account_id is null or r.from_account_id in (select u.id from account u where u.unit_id = :unit))    --? unit
  and r.from_account_id = :worker    --? worker
  and r.from_account_id is null    --? nobody
limit 200

-- query: inbox_measures_count
-- for: rule
select m.classes, a.bits
from measure m
join programme g on g.id = m.programme_id
join access a on a.body_id = :viewer_body and a.person_id = m.person_id
where m.body_id = :viewer_body
  and (a.bits & :role_bits & m.classes) = m.classes & :plain_classes
  and m.state = 'in_progress' and m.referral_id is null
  and (g.account_id is null or g.account_id = :account)    --? account
  and (g.account_id is null or :accounts like '% ' || g.account_id || ' %')    --? accounts
  and (g.account_id is null or g.account_id in (select u.id from account u where u.unit_id = :unit))    --? unit
  and g.account_id = :worker    --? worker
  and g.account_id is null    --? nobody
limit 200

-- Whose work it is.

-- Who of the body is away today, and who stands in.
-- query: absences_today
-- for: rule
select x.account_id, x.substitute_id
from absence x
where x.body_id = :viewer_body and x.until >= :today and x.since <= :today and x.cancelled = 0
limit 1000

-- query: units_of_viewer
-- for: rule
select u.id, u.parent_id, u.head_account_id
from unit u
where u.body_id = :viewer_body and u.active = 1
order by u.id
limit 500

-- Who works in the body, with his load; the numbers are filled in by desk_inbox.c.
-- query: workers_load
-- about: none
-- scan: the workers of one body
-- internal: unit_id active
-- column: unit text open "Unit"
-- column: n_open int open "Owed"
-- column: n_today int open "Due today"
-- column: n_overdue int open "Overdue"
-- column: n_waiting int open "Others owe"
-- column: away int open "Away today"
select c.id, c.name, c.post, c.unit_id, u.name as unit, c.active, null as n_open, null as n_today, null as n_overdue, null as n_waiting,
       null as away
from account c
left join unit u on u.id = c.unit_id
where c.body_id = :viewer_body
order by c.name, c.id
limit 1000

-- query: worker_name
-- about: none
-- maybe
select c.id, c.name
from account c
where c.id = :id and c.body_id = :viewer_body
