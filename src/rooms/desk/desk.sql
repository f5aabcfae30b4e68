-- What several rooms have, shown together.

-- The inbox. Three statements with the same columns, so that they stand in one table: referrals that wait for us, answers to
-- ours, measures of our own. `late` and `today` are filled in by desk_pages.c.

-- query: inbox_received
-- scan: the page always names a state; what is overdue or due today is sorted, the rest goes along the index
-- about: person_id bits recheck_at
-- uses:  identity
-- column: what text identity from=classes "Measure"
-- column: late int open "Working days overdue"
-- column: today int open
-- internal: person_id body_id classes today
-- discloses: body_name body_id
-- sort:  due = r.due_on, r.id ; newest! = r.id desc
-- page:  50
select r.id, r.number, r.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, r.need, null as what,
       r.from_body_id as body_id, f.name as body_name, r.sent_on, r.due_on, r.state, null as late, null as today,
       r.classes, a.bits, a.recheck_at {keys}
from referral r
join access a on a.body_id = :viewer_body and a.person_id = r.person_id
join person p on p.id = r.person_id
join body f on f.id = r.from_body_id
where r.to_body_id = :viewer_body and (a.bits & :uses) = :uses
  and (a.bits & :role_bits & r.classes) = r.classes
  and r.state = :state                                          --? state
  and r.state in ('sent', 'accepted')                           --? open
  and r.due_on < :before                                        --? before
  and r.due_on = :on                                            --? on
  and (r.to_account_id is null or r.to_account_id = :account)   --? account
  and {after}
order by {order}
limit :limit

-- due_from keeps the walk short: an answer comes within weeks of the date due.
-- query: inbox_answers
-- about: person_id bits recheck_at
-- uses:  identity
-- column: what text identity from=classes "Measure"
-- column: late int open "Working days overdue"
-- column: today int open
-- internal: person_id body_id classes today
-- discloses: body_name body_id
-- sort:  due! = r.due_on, r.id ; newest! = r.id desc
-- page:  50
select r.id, r.number, r.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, r.need, null as what,
       r.to_body_id as body_id, t.name as body_name, r.sent_on, r.due_on, r.state, null as late, null as today,
       r.classes, a.bits, a.recheck_at {keys}
from referral r
join access a on a.body_id = :viewer_body and a.person_id = r.person_id
join person p on p.id = r.person_id
join body t on t.id = r.to_body_id
where r.from_body_id = :viewer_body and (a.bits & :uses) = :uses
  and (a.bits & :role_bits & r.classes) = r.classes
  and r.state in ('declined', 'done', 'not_done') and r.due_on >= :due_from and r.finished_on >= :since
  and r.from_account_id = :account                              --? account
  and {after}
order by {order}
limit :limit

-- query: inbox_measures
-- about: person_id bits recheck_at
-- uses:  identity
-- column: sent_on date open
-- column: late int open "Working days overdue"
-- column: today int open
-- internal: person_id body_id classes today
-- discloses: body_name body_id
-- sort:  due = m.due_on, m.id ; newest! = m.id desc
-- page:  50
select m.id, g.number, m.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, m.need, m.words as what,
       g.body_id, b.name as body_name, null as sent_on, m.due_on, m.state, null as late, null as today,
       m.classes, a.bits, a.recheck_at {keys}
from measure m
join programme g on g.id = m.programme_id
join access a on a.body_id = :viewer_body and a.person_id = m.person_id
join person p on p.id = m.person_id
join body b on b.id = g.body_id
where m.body_id = :viewer_body and (a.bits & :uses) = :uses
  and (a.bits & :role_bits & m.classes) = m.classes
  and m.state = 'in_progress' and m.referral_id is null
  and g.account_id = :account                                   --? account
  and {after}
order by {order}
limit :limit

-- Counters of the inbox: no further than to a hundred.

-- query: inbox_received_count
-- for: count
-- one
-- column: n int open
select count(*) as n
from (select r.id
      from referral r
      join access a on a.body_id = :viewer_body and a.person_id = r.person_id
      where r.to_body_id = :viewer_body and (a.bits & :role_bits & r.classes) = r.classes
        and r.state = :state                                          --? state
        and r.state in ('sent', 'accepted')                           --? open
        and r.due_on < :before                                        --? before
        and r.due_on = :on                                            --? on
        and (r.to_account_id is null or r.to_account_id = :account)   --? account
      limit 100) x

-- query: inbox_answers_count
-- for: count
-- one
-- column: n int open
select count(*) as n
from (select r.id
      from referral r
      join access a on a.body_id = :viewer_body and a.person_id = r.person_id
      where r.from_body_id = :viewer_body and (a.bits & :role_bits & r.classes) = r.classes
        and r.state in ('declined', 'done', 'not_done') and r.due_on >= :due_from and r.finished_on >= :since
        and r.from_account_id = :account                              --? account
      limit 100) x

-- query: inbox_measures_count
-- for: count
-- one
-- column: n int open
select count(*) as n
from (select m.id
      from measure m
      join programme g on g.id = m.programme_id
      join access a on a.body_id = :viewer_body and a.person_id = m.person_id
      where m.body_id = :viewer_body and (a.bits & :role_bits & m.classes) = m.classes
        and m.state = 'in_progress' and m.referral_id is null
        and g.account_id = :account                                   --? account
      limit 100) x

-- Cards.

-- query: person_referrals
-- about: person_id bits recheck_at
-- internal: person_id from_body_id to_body_id classes
-- discloses: from_name from_body_id
-- discloses: to_name to_body_id
-- column: received int open
select r.id, r.number, r.person_id, r.need, r.state, r.sent_on, r.due_on, r.finished_on, r.result,
       case when r.to_body_id = :viewer_body then 1 else 0 end as received, r.from_body_id, f.name as from_name, r.to_body_id, t.name as to_name, r.classes, a.bits, a.recheck_at
from referral r
join access a on a.body_id = :viewer_body and a.person_id = r.person_id
join body f on f.id = r.from_body_id
join body t on t.id = r.to_body_id
where r.person_id = :person and (r.to_body_id = :viewer_body or r.from_body_id = :viewer_body)
  and (a.bits & :role_bits & r.classes) = r.classes
  and r.case_id = :case_id                                      --? case_id
order by r.id desc
limit 50

-- The safe signal: bodies at work for the person, and those the viewer's body knows of anyway. Only rules see them.

-- query: bodies_at_work
-- for: rule
select distinct g.body_id
from access_grant g
where g.person_id = :person and g.body_id <> :viewer_body and g.fact in ('referral_accepted', 'case_own')
  and g.ended_at is null and (g.until is null or g.until > :now)
limit 100

-- query: bodies_known
-- for: rule
select distinct r.from_body_id, r.to_body_id
from referral r
where r.person_id = :person and (r.from_body_id = :viewer_body or r.to_body_id = :viewer_body)
limit 500

-- query: person_lead
-- for: rule
-- maybe
select p.lead_body_id, p.birth_date from person p where p.id = :person

-- In timelines stand events of the viewer's body, events addressed to it, and all events of cases that it leads.

-- query: person_timeline
-- about: person_id bits recheck_at
-- internal: person_id body_id author_body other_body_id classes
-- discloses: body_name body_id
-- discloses: author author_body
-- discloses: other_name other_body_id
-- column: author text open "Who"
-- column: other_name text open "Addressed to"
-- sort:  newest = e.id desc
-- page:  50
select e.id, e.person_id, e.case_id, e.day, e.at, e.kind, e.ground, e.body_id, b.name as body_name,
       w.body_id as author_body, w.name as author, e.other_body_id, t.name as other_name, e.object, e.object_id,
       e.classes, a.bits, a.recheck_at {keys}
from event e
join access a on a.body_id = :viewer_body and a.person_id = e.person_id
left join body b on b.id = e.body_id
left join account w on w.id = e.account_id
left join body t on t.id = e.other_body_id
where e.person_id = :person and (a.bits & :role_bits & e.classes) = e.classes
  and (e.body_id = :viewer_body or e.other_body_id = :viewer_body
       or exists (select c.id from case_file c where c.id = e.case_id and c.body_id = :viewer_body))
  and e.kind like :kind                                         --? kind
  and {after}
order by {order}
limit :limit

-- query: case_timeline
-- about: person_id bits recheck_at
-- internal: person_id body_id author_body other_body_id classes
-- discloses: body_name body_id
-- discloses: author author_body
-- discloses: other_name other_body_id
-- column: author text open "Who"
-- column: other_name text open "Addressed to"
-- sort:  newest = e.id desc
-- page:  50
select e.id, e.person_id, e.case_id, e.day, e.at, e.kind, e.ground, e.body_id, b.name as body_name,
       w.body_id as author_body, w.name as author, e.other_body_id, t.name as other_name, e.object, e.object_id,
       e.classes, a.bits, a.recheck_at {keys}
from event e
join case_file c on c.id = e.case_id
join access a on a.body_id = :viewer_body and a.person_id = e.person_id
left join body b on b.id = e.body_id
left join account w on w.id = e.account_id
left join body t on t.id = e.other_body_id
where e.case_id = :case_id and c.body_id = :viewer_body and (a.bits & :role_bits & e.classes) = e.classes
  and e.kind like :kind                                         --? kind
  and {after}
order by {order}
limit :limit

-- The auditor's log. Ids, no persons' data; the link between a person and a body whose very name tells is not shown: desk_log()
-- leaves the number of the person out of such rows, and a search for a person does not find them.

-- query: log_list
-- scan: the newest first within a period, the filters drop rows
-- about: none
-- internal: body_id other_body_id
-- column: person int open "Person, number"
-- column: case_number int open "Case, number in the register"
-- column: login text open "Account"
-- column: other_name text open "Addressed to"
-- column: object text open "Object"
-- column: object_number int open "Object, number"
-- sort:  newest = e.id desc
-- page:  40
select e.id, e.at, e.day, e.kind, w.login, e.body_id, b.name as body_name, e.person_id as person,
       e.case_id as case_number, e.other_body_id, t.name as other_name, e.ground, e.object, e.object_id as object_number
       {keys}
from event e
left join account w on w.id = e.account_id
left join body b on b.id = e.body_id
left join body t on t.id = e.other_body_id
where {after}
  and e.id >= :first                                            --? first
  and e.id < :end                                               --? end
  and e.account_id in (select x.id from account x where x.login = :login)    --? login
  and e.body_id = :body                                         --? body
  and e.kind = :kind                                            --? kind
  and e.person_id = :person_number and coalesce(b.discloses, 0) = 0 and coalesce(t.discloses, 0) = 0    --? person_number
order by {order}
limit :limit

-- query: log_kinds
-- about: none
-- scan: some dozens of codes
-- column: kind code open list=event_kind
-- column: chosen int open
select substr(e.key, 12) as kind, null as chosen
from pack_entry e
where e.kind = 'code' and e.key >= 'event_kind ' and e.key < 'event_kind!'
order by e.ord, e.id

-- query: log_bodies
-- about: none
-- scan: some hundred bodies of a region
-- column: chosen int open
select b.id, b.name, null as chosen
from body b
order by b.name_key, b.id
