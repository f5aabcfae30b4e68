-- Pages shown of a person: those folded into the index, and those noted since.
-- query: reader_list
-- about: person_id bits recheck_at
-- uses:  identity
-- column: id int open
-- column: at instant open "When"
-- column: post text open "Post"
-- column: role code open "Role" list=role
-- column: read_by text open "Body"
-- column: page text open "Page"
-- column: body_id int open
-- column: post_body_id int open
-- column: person_id int open
-- column: bits int open
-- column: recheck_at instant open
-- internal: person_id body_id post_body_id
-- discloses: post post_body_id
-- discloses: read_by body_id
-- sort:  newest = r.id desc
-- page:  50
select r.id, r.at, c.post, c.role, b.name as read_by, r.page, r.body_id, c.body_id as post_body_id, a.person_id, a.bits, a.recheck_at {keys}
from read r
join access a on a.body_id = :viewer_body and a.person_id = :person
join body b on b.id = r.body_id
left join account c on c.id = r.account_id
where (a.bits & :uses) = :uses
  and r.id in (select i.read_id from read_person i where i.person_id in (select l.id from person l where l.id = :person or l.merged_into = :person)
               union select t.id from read t where t.id > :folded and t.persons like :mark
               union select t.id from read t join person l on l.merged_into = :person
                     where t.id > :folded and t.persons like '% ' || cast(l.id as text) || ' %')
  and {after}
order by {order}
limit :limit

-- query: readers_of
-- one
-- about: id bits recheck_at
select p.id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, a.bits, a.recheck_at
from access a
join person p on p.id = a.person_id
where a.body_id = :viewer_body and a.person_id = :person

-- query: read_folded
-- for: rule
-- maybe
select s.value from setting s where s.name = 'read_folded'

-- Why somebody is seen, and asking for more.

-- query: why_person
-- one
-- about: id bits recheck_at
-- uses:  identity
-- discloses: lead_body lead_body_id
-- discloses: lead_phone lead_body_id
-- column: lead_phone text open "Telephone"
-- internal: lead_body_id
select p.id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, p.lead_body_id, b.name as lead_body,
       b.phone as lead_phone, a.bits, a.recheck_at
from access a
join person p on p.id = a.person_id
left join body b on b.id = p.lead_body_id
where a.body_id = :viewer_body and a.person_id = :person and (a.bits & :uses) = :uses

-- The grants of the viewer's body; words and opens are filled by trust_why.c.
-- query: why_grant
-- about: person_id bits recheck_at
-- column: words text open "Ground"
-- column: opens text open "Data"
-- internal: person_id classes reason
select g.id, g.fact, g.reason, g.ref, g.ref_id, g.since, g.until, g.classes, null as words, null as opens, a.person_id, a.bits, a.recheck_at
from access a
join access_grant g on g.body_id = a.body_id and g.person_id = a.person_id
where a.body_id = :viewer_body and a.person_id = :person and g.ended_at is null and (g.until is null or g.until > :now)
  and g.classes <> 0
order by g.since, g.id

-- A class of data as it stands for the viewer; made by trust_why.c.
-- query: why_class
-- about: none
-- column: name text open
-- column: label text open "Data"
-- column: state text open
-- column: askable int open
select null as name, null as label, null as state, null as askable

-- What a signal may name to the viewer's body, and by what; made by trust_signal.c.
-- query: why_signal
-- about: none
-- column: words text open "Signal"
-- column: ref text open
-- column: ref_id int open
-- column: ground text open "Ground"
-- column: until date open "Ends"
select null as words, null as ref, null as ref_id, null as ground, null as until

-- query: ask_received
-- about: person_id bits recheck_at
-- uses:  identity
-- column: body_name text open "Who asks"
-- discloses: body_name body_id
-- internal: person_id body_id
-- sort:  newest = q.id desc
-- page:  50
select q.id, q.person_id, p.family_name, p.given_name, p.patronymic, q.state, q.asked_on, q.answered_on, q.until,
       q.from_body_id as body_id, b.name as body_name, a.bits, a.recheck_at {keys}
from access_ask q
join access a on a.body_id = :viewer_body and a.person_id = q.person_id
join person p on p.id = q.person_id
join body b on b.id = q.from_body_id
where q.to_body_id = :viewer_body and (a.bits & :uses) = :uses
  and q.state = :state                     --? state
  and {after}
order by {order}
limit :limit

-- With the same columns
-- query: ask_sent
-- about: person_id bits recheck_at
-- uses:  identity
-- column: body_name text open "Lead"
-- discloses: body_name body_id
-- internal: person_id body_id
-- sort:  newest = q.id desc
-- page:  50
select q.id, q.person_id, p.family_name, p.given_name, p.patronymic, q.state, q.asked_on, q.answered_on, q.until,
       q.to_body_id as body_id, b.name as body_name, a.bits, a.recheck_at {keys}
from access_ask q
join access a on a.body_id = :viewer_body and a.person_id = q.person_id
join person p on p.id = q.person_id
join body b on b.id = q.to_body_id
where q.from_body_id = :viewer_body and (a.bits & :uses) = :uses
  and {after}
order by {order}
limit :limit

-- query: ask_card
-- one
-- about: person_id bits recheck_at
-- uses:  identity
-- column: from_name text open "Who asks"
-- column: to_name text open "Lead"
-- column: asks text open "Data"
-- discloses: from_name from_body_id
-- discloses: to_name to_body_id
-- internal: person_id from_body_id to_body_id classes
select q.id, q.version, q.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, q.from_body_id, f.name as from_name,
       q.to_body_id, t.name as to_name, q.classes, null as asks, q.words, q.state, q.asked_on, q.answered_on, q.ground, q.until,
       q.answer, a.bits, a.recheck_at
from access_ask q
join access a on a.body_id = :viewer_body and a.person_id = q.person_id
join person p on p.id = q.person_id
join body f on f.id = q.from_body_id
join body t on t.id = q.to_body_id
where q.id = :id and (a.bits & :uses) = :uses and (q.from_body_id = :viewer_body or q.to_body_id = :viewer_body)

-- query: ask_facts
-- for: rule
-- maybe
select q.id, q.person_id, q.from_body_id, q.to_body_id, q.classes, q.state
from access_ask q
where q.id = :id

-- Who leads now answers what the former lead has not.
-- query: asks_to_lead
-- for: write
update access_ask set to_body_id = :lead, version = version + 1
where person_id = :person and state = 'asked' and to_body_id <> :lead and from_body_id <> :lead

-- query: ask_pending
-- for: rule
-- maybe
select q.id from access_ask q where q.person_id = :person and q.from_body_id + 0 = :body and q.state = 'asked' limit 1

-- What is to be judged, of the own body for its head, of all bodies for the auditor; the person by number only, and a restricted person not even
-- so.

-- query: emergency_list
-- about: none
-- column: person_id int open "Person, number"
-- column: opened_by text open "Who"
-- sort:  newest = e.id desc
-- page:  50
select e.id, e.version,
       case when exists (select x.id from restriction x where x.person_id = e.person_id and x.ended_at is null)
            then null else e.person_id end as person_id,
       e.reason, e.words, e.opened_at, e.until, e.review, e.reviewed_on, e.remark, c.name as opened_by {keys}
from emergency e
join account c on c.id = e.account_id
where e.body_id = :viewer_body
  and e.review = :review                   --? review
  and {after}
order by {order}
limit :limit

-- query: emergency_card
-- one
-- about: none
-- column: person_id int open "Person, number"
-- column: opened_by text open "Who"
select e.id, e.version,
       case when exists (select x.id from restriction x where x.person_id = e.person_id and x.ended_at is null)
            then null else e.person_id end as person_id,
       e.reason, e.words, e.opened_at, e.until, e.review, e.reviewed_on, e.remark, c.name as opened_by
from emergency e
join account c on c.id = e.account_id
where e.id = :id and e.body_id = :viewer_body

-- Of all bodies, what waits too long for its judgement; without the person.
-- query: emergency_late
-- about: none
-- column: body text open "Body"
-- scan: what waits is a few rows of each body
-- sort:  oldest = e.id
-- page:  50
select e.id, b.name as body, e.opened_at, e.reason {keys}
from emergency e
join body b on b.id = e.body_id
where e.review = 'waiting' and e.opened_at < :before
  and {after}
order by {order}
limit :limit

-- query: emergency_figures
-- for: count
-- column: body text open "Body"
-- column: review code open list=emergency_review
-- column: n int open "Accesses"
-- scan: emergencies are few
select b.name as body, e.review, count(*) as n
from emergency e
join body b on b.id = e.body_id
where e.opened_at >= :from_instant
group by b.name, e.review
order by b.name, e.review

-- query: emergency_facts
-- for: rule
-- maybe
select e.id, e.person_id, e.body_id, e.account_id, e.review
from emergency e
where e.id = :id

-- query: emergency_running
-- for: rule
-- maybe
select e.id from emergency e where e.person_id = :person and e.body_id = :body and e.until > :now limit 1

-- For the person: who looked, who received, on what ground; printed by the lead.

-- query: statement_read
-- about: person_id bits recheck_at
-- uses:  identity
-- column: at instant open "When"
-- column: role code open "Role" list=role
-- column: read_by text open "Body"
-- column: page text open "Page"
-- column: body_id int open
-- column: person_id int open
-- column: bits int open
-- column: recheck_at instant open
-- internal: person_id body_id
-- discloses: read_by body_id
select r.at, c.role, b.name as read_by, r.page, r.body_id, a.person_id, a.bits, a.recheck_at
from read r
join access a on a.body_id = :viewer_body and a.person_id = :person
join body b on b.id = r.body_id
left join account c on c.id = r.account_id
where (a.bits & :uses) = :uses and r.at >= :begin and r.at < :end
  and r.id in (select i.read_id from read_person i where i.person_id in (select l.id from person l where l.id = :person or l.merged_into = :person)
               union select t.id from read t where t.id > :folded and t.persons like :mark
               union select t.id from read t join person l on l.merged_into = :person
                     where t.id > :folded and t.persons like '% ' || cast(l.id as text) || ' %')
order by r.id desc
limit 2000

-- query: statement_passed
-- about: person_id bits recheck_at
-- internal: person_id body_id other_body_id classes
-- discloses: body_name body_id
-- discloses: other_name other_body_id
-- column: other_name text open "To"
-- column: person_id int open
select e.id, a.person_id, e.day, e.kind, e.ground, e.body_id, b.name as body_name, e.other_body_id, t.name as other_name,
       e.classes, a.bits, a.recheck_at
from event e
join access a on a.body_id = :viewer_body and a.person_id = :person
left join body b on b.id = e.body_id
left join body t on t.id = e.other_body_id
where e.person_id in (select l.id from person l where l.id = :person or l.merged_into = :person) and (a.bits & :role_bits & e.classes) = e.classes & :plain_classes and e.at >= :begin and e.at < :end
  and e.kind in ('referral.sent', 'consent.given', 'access.given', 'emergency.opened', 'law.opened', 'case.member_added')
order by e.id desc
limit 2000

-- The rules of access as a page; rows are made by trust_matrix.c from the packs.

-- query: rule_role
-- about: none
-- column: label text open "Role"
-- column: reads text open "Reads"
-- column: writes text open "Writes"
select null as label, null as reads, null as writes

-- query: rule_need
-- about: none
-- column: label text open "Need"
-- column: opens text open "Opens"
select null as label, null as opens

-- query: rule_grant
-- about: none
-- column: fact text open "Fact"
-- column: body_kind text open "Kind of body"
-- column: opens text open "Opens"
-- column: days int open
-- column: minutes int open
select null as fact, null as body_kind, null as opens, null as days, null as minutes
