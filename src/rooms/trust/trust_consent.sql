-- What consents allow is read by the body that took them and by the recipient.

-- query: consents_of_person
-- about: person_id bits recheck_at
-- uses:  identity
-- column: taken_by text open "Taken by"
-- column: to_name text open "Recipient"
-- discloses: taken_by body_id
-- discloses: to_name to_body_id
-- internal: person_id body_id to_body_id classes
select c.id, c.number, c.person_id, c.purpose, c.signed_on, c.until, c.withdrawn_on, c.body_id, f.name as taken_by,
       c.to_body_id, t.name as to_name, c.classes, a.bits, a.recheck_at
from consent c
join access a on a.body_id = :viewer_body and a.person_id = c.person_id
join body f on f.id = c.body_id
join body t on t.id = c.to_body_id
where c.person_id = :person and (a.bits & :uses) = :uses and (a.bits & :role_bits & c.classes) = c.classes & :plain_classes
  and (c.body_id + 0 = :viewer_body or c.to_body_id + 0 = :viewer_body)
order by c.id desc
limit 50

-- query: consent_taken
-- like: consents_of_person
-- sort:  newest = c.id desc
-- page:  50
select c.id, c.number, c.person_id, p.family_name, p.given_name, p.patronymic, c.purpose, c.signed_on, c.until,
       c.withdrawn_on, c.body_id, f.name as taken_by, c.to_body_id, t.name as to_name, c.classes, a.bits, a.recheck_at {keys}
from consent c
join access a on a.body_id = :viewer_body and a.person_id = c.person_id
join person p on p.id = c.person_id
join body f on f.id = c.body_id
join body t on t.id = c.to_body_id
where c.body_id = :viewer_body and (a.bits & :uses) = :uses and (a.bits & :role_bits & c.classes) = c.classes & :plain_classes
  and {after}
order by {order}
limit :limit

-- Those that end soon, with the same columns.
-- query: consent_ending
-- like: consents_of_person
-- sort:  newest = c.until, c.id
-- page:  50
select c.id, c.number, c.person_id, p.family_name, p.given_name, p.patronymic, c.purpose, c.signed_on, c.until,
       c.withdrawn_on, c.body_id, f.name as taken_by, c.to_body_id, t.name as to_name, c.classes, a.bits, a.recheck_at {keys}
from consent c
join access a on a.body_id = :viewer_body and a.person_id = c.person_id
join person p on p.id = c.person_id
join body f on f.id = c.body_id
join body t on t.id = c.to_body_id
where c.body_id = :viewer_body and (a.bits & :uses) = :uses and (a.bits & :role_bits & c.classes) = c.classes & :plain_classes
  and c.until >= :today and c.until <= :ends_by and c.withdrawn_on is null
  and {after}
order by {order}
limit :limit

-- With the same columns
-- query: consent_received
-- like: consents_of_person
-- sort:  newest = c.id desc
-- page:  50
select c.id, c.number, c.person_id, p.family_name, p.given_name, p.patronymic, c.purpose, c.signed_on, c.until,
       c.withdrawn_on, c.body_id, f.name as taken_by, c.to_body_id, t.name as to_name, c.classes, a.bits, a.recheck_at {keys}
from consent c
join access a on a.body_id = :viewer_body and a.person_id = c.person_id
join person p on p.id = c.person_id
join body f on f.id = c.body_id
join body t on t.id = c.to_body_id
where c.to_body_id = :viewer_body and (a.bits & :uses) = :uses and (a.bits & :role_bits & c.classes) = c.classes & :plain_classes
  and {after}
order by {order}
limit :limit

-- query: consent_card
-- one
-- like: consents_of_person
-- column: taken_address text open
-- column: to_address text open
-- discloses: taken_address body_id
-- discloses: to_address to_body_id
select c.id, c.version, c.number, c.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, p.address, c.purpose, c.form,
       c.signed_on, c.until, c.representative, c.authority, c.withdrawn_on, c.body_id, f.name as taken_by,
       f.address as taken_address, c.to_body_id, t.name as to_name, t.address as to_address, c.classes, a.bits, a.recheck_at
from consent c
join access a on a.body_id = :viewer_body and a.person_id = c.person_id
join person p on p.id = c.person_id
join body f on f.id = c.body_id
join body t on t.id = c.to_body_id
where c.id = :id and (a.bits & :uses) = :uses and (a.bits & :role_bits & c.classes) = c.classes & :plain_classes
  and (c.body_id = :viewer_body or c.to_body_id = :viewer_body)

-- Received consents that were withdrawn lately: by number only, the person is not there any more.
-- query: consent_gone
-- about: none
-- column: taken_by text open "Taken by"
-- column: destroy_by date open "To be destroyed by"
-- discloses: taken_by body_id
-- internal: body_id
select c.id, c.number, c.withdrawn_on, null as destroy_by, c.body_id, f.name as taken_by
from consent c
join body f on f.id = c.body_id
where c.to_body_id = :viewer_body and c.withdrawn_on is not null and c.withdrawn_on >= :since
order by c.id desc
limit 50

-- query: consent_facts
-- for: rule
-- maybe
select c.id, c.version, c.person_id, c.body_id, c.to_body_id, c.signed_on, c.until, c.withdrawn_on, c.classes
from consent c
where c.id = :id

-- query: consent_live
-- for: rule
select c.id, c.opens, c.purpose, c.until, c.classes
from consent c
where c.person_id = :person and c.to_body_id + 0 = :body and c.withdrawn_on is null and c.signed_on <= :day
  and c.until >= :day
limit 100

-- query: ask_live
-- for: rule
select q.id, q.ground, q.until
from access_ask q
where q.person_id = :person and q.from_body_id + 0 = :body and q.state = 'given' and q.until >= :day
limit 100

-- Bodies that have dealt with the viewer's about the person.
-- query: bodies_met
-- for: rule
select distinct e.body_id, e.other_body_id
from event e
where e.person_id in (select l.id from person l where l.id = :person or l.merged_into = :person) and (e.body_id = :viewer_body or e.other_body_id = :viewer_body)
limit 500

-- query: consent_right
-- for: rule
-- maybe
select g.id
from access_grant g
where g.person_id = :person and g.body_id = :body and g.ended_at is null and (g.until is null or g.until > :now)
  and g.classes <> 0 and g.fact not in ('emergency', 'referral_sent')
limit 1

-- query: consent_by_number
-- for: rule
-- maybe
select c.id, c.person_id from consent c where c.number = :number and (c.body_id = :body or c.to_body_id = :body)
