-- What several rooms have, shown together.

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
where r.person_id = :person and (r.from_body_id = :viewer_body or r.to_body_id = :viewer_body and r.state not in ('draft', 'dropped'))
  and (a.bits & :role_bits & r.classes) = r.classes & :plain_classes
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
where r.person_id = :person and (r.from_body_id = :viewer_body or r.to_body_id = :viewer_body and r.state not in ('draft', 'dropped'))
limit 500

-- query: person_lead
-- for: rule
-- maybe
select p.lead_body_id, p.birth_date from person p where p.id = :person

-- The log names whom it was written for: a person is he and all whose cards were joined with his.
-- In timelines stand events of the viewer's body, events addressed to it, and all events of cases that it leads.

-- query: person_timeline
-- about: person_id bits recheck_at
-- internal: person_id body_id author_body other_body_id classes
-- discloses: body_name body_id
-- discloses: author author_body
-- discloses: other_name other_body_id
-- column: author text open "Who"
-- column: other_name text open "Addressed to"
-- column: person_id int open
-- sort:  newest! = e.id desc
-- page:  50
select e.id, a.person_id, e.case_id, e.day, e.at, e.kind, e.ground, e.body_id, b.name as body_name,
       w.body_id as author_body, w.name as author, e.other_body_id, t.name as other_name, e.object, e.object_id,
       e.classes, a.bits, a.recheck_at {keys}
from event e
join access a on a.body_id = :viewer_body and a.person_id = :person
left join body b on b.id = e.body_id
left join account w on w.id = e.account_id
left join body t on t.id = e.other_body_id
where e.person_id in (select l.id from person l where l.id = :person or l.merged_into = :person) and (a.bits & :role_bits & e.classes) = e.classes & :plain_classes
  and (e.body_id = :viewer_body or e.other_body_id = :viewer_body
       or exists (select c.id from case_file c where c.id = e.case_id and c.body_id = :viewer_body))
  and (e.object is null or e.object <> 'sentence' or (a.bits & :role_bits & :spent) <> 0
       or not exists (select s.id from sentence s where s.id = e.object_id and s.closes_on <= :today))
  and e.kind like :kind                                         --? kind
  and {after}
order by {order}
limit :limit

-- query: case_timeline
-- like: person_timeline
-- sort:  newest = e.id desc
-- page:  50
select e.id, a.person_id, e.case_id, e.day, e.at, e.kind, e.ground, e.body_id, b.name as body_name,
       w.body_id as author_body, w.name as author, e.other_body_id, t.name as other_name, e.object, e.object_id,
       e.classes, a.bits, a.recheck_at {keys}
from event e
join case_file c on c.id = e.case_id
join person l on l.id = e.person_id
join access a on a.body_id = :viewer_body and a.person_id = coalesce(l.merged_into, l.id)
left join body b on b.id = e.body_id
left join account w on w.id = e.account_id
left join body t on t.id = e.other_body_id
where e.case_id = :case_id and c.body_id = :viewer_body and (a.bits & :role_bits & e.classes) = e.classes & :plain_classes
  and (e.object is null or e.object <> 'sentence' or (a.bits & :role_bits & :spent) <> 0
       or not exists (select s.id from sentence s where s.id = e.object_id and s.closes_on <= :today))
  and e.kind like :kind                                         --? kind
  and {after}
order by {order}
limit :limit

-- The auditor's log. Ids, no persons' data; the link between a person and a body whose very name tells is not shown: desk_log()
-- leaves the number of the person out of such rows, and out of rows of restricted persons; a search for a person does not find them.

-- query: log_list
-- scan: the newest first within a period, the filters drop rows
-- about: none
-- internal: body_id other_body_id restricted
-- column: person int open "Person, number"
-- column: case_number int open "Case, number in the register"
-- column: login text open "Account"
-- column: other_name text open "Addressed to"
-- column: object text open "Object, code"
-- column: object_words text open "Object"
-- column: object_number int open "Object, number"
-- column: restricted int open
-- column: provable int open "Has a proof"
-- sort:  newest = e.id desc
-- page:  20
select e.id, null as provable, e.at, e.day, e.kind, w.login, e.body_id, b.name as body_name, e.person_id as person,
       e.case_id as case_number, e.other_body_id, t.name as other_name, e.ground, e.object, null as object_words, e.object_id as object_number,
       (select count(*) from restriction x where x.person_id = coalesce(l.merged_into, e.person_id) and x.ended_at is null) as restricted {keys}
from event e
left join person l on l.id = e.person_id
left join account w on w.id = e.account_id
left join body b on b.id = e.body_id
left join body t on t.id = e.other_body_id
where {after}
  and e.id >= :first                                            --? first
  and e.id < :end                                               --? end
  and e.account_id in (select x.id from account x where x.login = :login)    --? login
  and e.body_id = :body                                         --? body
  and e.kind = :kind                                            --? kind
  and e.person_id is null                                       --? impersonal
  and e.person_id = :person_number and coalesce(b.discloses, 0) = 0 and coalesce(t.discloses, 0) = 0    --? person_number
  and :person_number not in (select x.person_id from restriction x where x.ended_at is null) and :person_number not in (select l.id from restriction x join person l on l.merged_into = x.person_id where x.ended_at is null)                            --? person_number
order by {order}
limit :limit

-- What a proof of an entry would tell: of whom, of which bodies.
-- query: log_entry_parts
-- for: rule
-- maybe
-- column: restricted int open
select e.body_id, e.other_body_id, e.person_id,
       (select count(*) from restriction x where x.person_id = coalesce(l.merged_into, e.person_id) and x.ended_at is null) as restricted
from event e
left join person l on l.id = e.person_id
where e.id = :id

-- query: read_parts
-- for: rule
-- maybe
-- scan: restrictions are few
-- column: restricted int open
select r.body_id,
       (select count(*) from restriction x where x.ended_at is null and (r.persons like '% ' || x.person_id || ' %'
        or exists (select l.id from person l where l.merged_into = x.person_id and r.persons like '% ' || l.id || ' %'))) as restricted
from read r
where r.id = :id

-- query: event_first
-- for: rule
-- maybe
select e.id from event e where e.person_id is null order by e.id limit 1

-- query: read_first
-- for: rule
-- maybe
select r.id from read r order by r.id limit 1

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
