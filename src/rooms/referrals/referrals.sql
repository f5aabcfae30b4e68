-- What the body has received and what it has sent: two statements with the same columns, each along its own index.
-- query: referral_list
-- about: person_id bits recheck_at
-- uses:  identity
-- internal: person_id from_body_id to_body_id owing_body_id late classes
-- discloses: from_name from_body_id
-- discloses: to_name to_body_id
-- column: late int open
-- sort:  newest = r.id desc
-- page:  50
select r.id, r.number, r.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, r.need,
       r.state, r.sent_on, r.answer_by, r.due_on, r.next_on, r.owing_body_id, r.answered_on, r.finished_on, r.result,
       r.from_body_id, f.name as from_name, r.to_body_id, t.name as to_name, null as late, r.classes,
       a.bits, a.recheck_at {keys}
from referral r
join access a on a.body_id = :viewer_body and a.person_id = r.person_id
join person p on p.id = r.person_id
join body f on f.id = r.from_body_id
join body t on t.id = r.to_body_id
where r.to_body_id = :viewer_body and r.state not in ('draft', 'dropped') and (a.bits & :uses) = :uses
  and (a.bits & :role_bits & r.classes) = r.classes & :plain_classes
  and r.state = :state                   --? state
  and r.owing_body_id is not null and r.next_on < :before --? before
  and r.person_id = :person              --? person
  and {after}
order by {order}
limit :limit

-- query: referral_list_sent
-- like: referral_list
-- sort:  newest = r.id desc
-- page:  50
select r.id, r.number, r.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, r.need,
       r.state, r.sent_on, r.answer_by, r.due_on, r.next_on, r.owing_body_id, r.answered_on, r.finished_on, r.result,
       r.from_body_id, f.name as from_name, r.to_body_id, t.name as to_name, null as late, r.classes,
       a.bits, a.recheck_at {keys}
from referral r
join access a on a.body_id = :viewer_body and a.person_id = r.person_id
join person p on p.id = r.person_id
join body f on f.id = r.from_body_id
join body t on t.id = r.to_body_id
where r.from_body_id = :viewer_body and (a.bits & :uses) = :uses
  and (a.bits & :role_bits & r.classes) = r.classes & :plain_classes
  and r.state = :state                   --? state
  and r.owing_body_id is not null and r.next_on < :before --? before
  and r.person_id = :person              --? person
  and {after}
order by {order}
limit :limit

-- query: referral_card
-- one
-- about: person_id bits recheck_at
-- internal: person_id from_body_id to_body_id owing_body_id case_id measure_id offer_id term_from classes from_specialist_body to_specialist_body
-- discloses: from_name from_body_id
-- discloses: to_name to_body_id
-- discloses: to_phone to_body_id
-- discloses: from_phone from_body_id
-- discloses: from_specialist from_specialist_body
-- discloses: to_specialist to_specialist_body
select r.id, r.version, r.number, r.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to,
       r.case_id, r.measure_id, r.need, r.ground, r.note, r.state, r.sent_on, r.term_from, r.answer_by, r.received_on, r.term, r.due_rule,
       r.due_on, r.next_on, r.next_at, r.escalation, r.offer_id, r.owing_body_id, r.answered_on, r.decline_reason, r.finished_on, r.result, r.result_note,
       r.from_body_id, f.name as from_name, f.phone as from_phone, fs.body_id as from_specialist_body, fs.name as from_specialist,
       r.to_body_id, t.name as to_name, t.phone as to_phone, ts.body_id as to_specialist_body, ts.name as to_specialist,
       r.classes, a.bits, a.recheck_at
from referral r
join access a on a.body_id = :viewer_body and a.person_id = r.person_id
join person p on p.id = r.person_id
join body f on f.id = r.from_body_id
join body t on t.id = r.to_body_id
join account fs on fs.id = r.from_account_id
left join account ts on ts.id = r.to_account_id
where r.id = :id and (r.from_body_id = :viewer_body or r.to_body_id = :viewer_body and r.state not in ('draft', 'dropped'))
  and (a.bits & :role_bits & r.classes) = r.classes & :plain_classes

-- query: referral_facts_row
-- for: rule
-- maybe
select r.version, r.person_id, r.case_id, r.measure_id, r.offer_id, r.from_body_id, r.to_body_id, r.from_account_id, r.to_account_id,
       r.number, r.state, r.need, r.ground, r.note, r.sent_on, r.term_from, r.term, r.due_rule, r.answer_rule, r.fixed_on, r.answer_by, r.answer_late, r.due_on,
       r.next_on, r.next_at, r.owing_body_id, r.escalation, r.result, r.result_note, r.finished_on, r.classes
from referral r
where r.id = :id

-- query: referrals_of_measure
-- for: rule
select r.id
from referral r
where r.measure_id = :measure and r.state in ('draft', 'sent', 'received', 'returned', 'accepted', 'in_progress')

-- The others of an offer that still wait for somebody; and those that the offer has been made to.
-- query: referrals_offered
-- for: rule
select r.id
from referral r
where r.offer_id = :offer and r.id <> :id and r.state in ('sent', 'received', 'returned')

-- query: offer_bodies
-- for: rule
select r.to_body_id, r.state
from referral r
where r.offer_id = :offer
order by r.id

-- What goes on at a body on the ground of a consent.
-- query: referrals_on_consent
-- for: rule
select r.id
from referral r
where r.person_id = :person and r.to_body_id + 0 = :body and r.ground = 'consent'
  and r.state in ('sent', 'received', 'returned', 'accepted', 'in_progress')

-- query: referrals_of_case
-- for: rule
select r.id
from referral r
where r.case_id = :case_id and r.state in ('draft', 'sent', 'received', 'returned', 'accepted', 'in_progress')

-- query: referral_person
-- about: id bits recheck_at
-- column: district text contact "District"
select p.id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to,
       (select d.name from district d where d.id = p.district_id) as district, a.bits, a.recheck_at
from access a
join person p on p.id = a.person_id
where a.body_id = :viewer_body and a.person_id = :person
limit 1

-- query: referral_bodies
-- about: none
-- scan: some hundred bodies of a region
select b.id, b.name, b.name_key
from body b
where b.active = 1 and b.id <> :viewer_body and b.kind not in ('ministry', 'system')
order by b.name_key, b.id
limit 1000

-- A service of the catalogue that serves a need, with what stands against sending there; made by the page.
-- query: referral_pick_row
-- about: none
-- scan: never more than one row
-- column: service_id int open
-- column: service text open "Service"
-- column: body_id int open
-- column: body_name text open "Body"
-- column: capacity int open "Places in all"
-- column: free int open "Free places"
-- column: free_on date open
-- column: wait_days int open "Waiting time, days"
-- column: wait_on date open
-- column: measured_days int open "Measured waiting time, days"
-- column: fault text open
select null as service_id, null as service, null as body_id, null as body_name, null as capacity, null as free, null as free_on, null as wait_days,
       null as wait_on, null as measured_days, null as fault
from referral r
where r.id = 0

-- query: referral_district
-- for: rule
-- maybe
select p.district_id from person p where p.id = :person

-- Answered and finished, and the case of the sender closed.
-- query: referral_retained
-- for: rule
-- column: since date open
select r.id, r.person_id, r.case_id, coalesce(c.closed_on, r.finished_on, r.answered_on, r.sent_on) as since, r.classes
from referral r
left join case_file c on c.id = r.case_id
where r.from_body_id = :body and r.id > :after and r.state not in ('draft', 'sent', 'received', 'returned', 'accepted', 'in_progress')
  and (c.id is null or c.state = 'closed') and coalesce(c.closed_on, r.finished_on, r.answered_on, r.sent_on) < :before
order by r.id
limit :rows
