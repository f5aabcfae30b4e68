-- What the body has received and what it has sent: two statements with the same columns, each along its own index.
-- query: referral_list
-- about: person_id bits recheck_at
-- uses:  identity
-- internal: person_id from_body_id to_body_id classes
-- discloses: from_name from_body_id
-- discloses: to_name to_body_id
-- sort:  newest = r.id desc
-- page:  50
select r.id, r.number, r.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, r.need,
       r.state, r.sent_on, r.due_on, r.answered_on, r.finished_on, r.result,
       r.from_body_id, f.name as from_name, r.to_body_id, t.name as to_name, r.classes,
       a.bits, a.recheck_at {keys}
from referral r
join access a on a.body_id = :viewer_body and a.person_id = r.person_id
join person p on p.id = r.person_id
join body f on f.id = r.from_body_id
join body t on t.id = r.to_body_id
where r.to_body_id = :viewer_body and (a.bits & :uses) = :uses
  and (a.bits & :role_bits & r.classes) = r.classes
  and r.state = :state                   --? state
  and r.person_id = :person              --? person
  and {after}
order by {order}
limit :limit

-- query: referral_list_sent
-- about: person_id bits recheck_at
-- uses:  identity
-- internal: person_id from_body_id to_body_id classes
-- discloses: from_name from_body_id
-- discloses: to_name to_body_id
-- sort:  newest = r.id desc
-- page:  50
select r.id, r.number, r.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, r.need,
       r.state, r.sent_on, r.due_on, r.answered_on, r.finished_on, r.result,
       r.from_body_id, f.name as from_name, r.to_body_id, t.name as to_name, r.classes,
       a.bits, a.recheck_at {keys}
from referral r
join access a on a.body_id = :viewer_body and a.person_id = r.person_id
join person p on p.id = r.person_id
join body f on f.id = r.from_body_id
join body t on t.id = r.to_body_id
where r.from_body_id = :viewer_body and (a.bits & :uses) = :uses
  and (a.bits & :role_bits & r.classes) = r.classes
  and r.state = :state                   --? state
  and r.person_id = :person              --? person
  and {after}
order by {order}
limit :limit

-- query: referral_card
-- one
-- about: person_id bits recheck_at
-- internal: person_id from_body_id to_body_id case_id classes from_specialist_body to_specialist_body
-- discloses: from_name from_body_id
-- discloses: to_name to_body_id
-- discloses: to_phone to_body_id
-- discloses: from_phone from_body_id
-- discloses: from_specialist from_specialist_body
-- discloses: to_specialist to_specialist_body
select r.id, r.version, r.number, r.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date,
       r.case_id, r.need, r.ground, r.note, r.state, r.sent_on, r.term, r.due_on, r.answered_on, r.decline_reason,
       r.finished_on, r.result, r.result_note,
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
where r.id = :id and (r.to_body_id = :viewer_body or r.from_body_id = :viewer_body)
  and (a.bits & :role_bits & r.classes) = r.classes

-- query: referral_facts_row
-- for: rule
-- maybe
select r.version, r.person_id, r.case_id, r.measure_id, r.from_body_id, r.to_body_id, r.number, r.state, r.need,
       r.result, r.result_note, r.finished_on
from referral r
where r.id = :id

-- query: referrals_of_measure
-- for: rule
select r.id
from referral r
where r.measure_id = :measure and r.state in ('sent', 'accepted')

-- query: referrals_of_case
-- for: rule
select r.id
from referral r
where r.case_id = :case_id and r.state in ('sent', 'accepted')

-- query: referral_person
-- about: id bits recheck_at
-- column: district text contact "District"
select p.id, p.family_name, p.given_name, p.patronymic, p.birth_date,
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

-- query: referral_district
-- for: rule
-- maybe
select p.district_id from person p where p.id = :person
