-- query: service_list
-- about: person_id bits recheck_at
-- uses:  identity
-- internal: person_id specialist_body classes
-- discloses: specialist specialist_body
-- sort:  newest = s.day, s.id desc
-- page:  50
select s.id, s.day, s.kind, s.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to,
       s.note, w.body_id as specialist_body, w.name as specialist, s.created_at, s.classes, a.bits, a.recheck_at {keys}
from service s
join access a on a.body_id = :viewer_body and a.person_id = s.person_id
join person p on p.id = s.person_id
join account w on w.id = s.account_id
where s.body_id = :viewer_body and (a.bits & :uses) = :uses
  and (a.bits & :role_bits & s.classes) = s.classes & :plain_classes
  and s.kind = :kind                     --? kind
  and s.day >= :from                     --? from
  and s.day <= :to                       --? to
  and {after}
order by {order}
limit :limit

-- query: services_of_person
-- about: person_id bits recheck_at
-- internal: person_id body_id classes
-- discloses: body_name body_id
-- owner: body_id
select s.id, s.day, s.kind, s.person_id, s.note, s.body_id, b.name as body_name, s.created_at, s.classes,
       a.bits, a.recheck_at
from service s
join access a on a.body_id = :viewer_body and a.person_id = s.person_id
join body b on b.id = s.body_id
where s.person_id = :person and +s.body_id = :viewer_body and (a.bits & :role_bits & s.classes) = s.classes & :plain_classes
order by s.day desc, s.id desc
limit 200

-- query: services_of_case
-- about: person_id bits recheck_at
-- internal: person_id body_id classes
-- discloses: body_name body_id
-- owner: body_id
select s.id, s.day, s.kind, s.person_id, s.note, s.body_id, b.name as body_name, s.created_at, s.classes,
       a.bits, a.recheck_at
from service s
join access a on a.body_id = :viewer_body and a.person_id = s.person_id
join body b on b.id = s.body_id
join case_file c on c.id = s.case_id
where s.case_id = :case_id and (c.body_id = :viewer_body or s.body_id = :viewer_body)
  and (a.bits & :role_bits & s.classes) = s.classes & :plain_classes
order by s.day desc, s.id desc
limit 200

-- query: service_record_row_check
-- for: rule
-- maybe
select p.birth_date from person p where p.id = :person

-- query: service_person
-- one
-- about: id bits recheck_at
select p.id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, a.bits, a.recheck_at
from access a
join person p on p.id = a.person_id
where a.body_id = :viewer_body and a.person_id = :person

-- query: service_card
-- one
-- about: person_id bits recheck_at
-- internal: person_id body_id specialist_body classes
-- discloses: specialist specialist_body
-- owner: body_id
select s.id, s.version, s.day, s.kind, s.person_id, p.family_name, p.given_name, p.patronymic, s.note, s.body_id,
       w.body_id as specialist_body, w.name as specialist, s.created_at, s.classes, a.bits, a.recheck_at
from service s
join access a on a.body_id = :viewer_body and a.person_id = s.person_id
join person p on p.id = s.person_id
join account w on w.id = s.account_id
where s.id = :id and s.body_id = :viewer_body and (a.bits & :role_bits & s.classes) = s.classes & :plain_classes

-- The case or referral that a service is recorded in must be the viewer's to work in, and about the same person.
-- query: service_place_case
-- for: rule
-- maybe
select c.person_id
from case_file c
where c.id = :id and c.body_id = :viewer_body

-- query: service_place_referral
-- for: rule
-- maybe
select r.person_id, r.case_id
from referral r
where r.id = :id and r.to_body_id = :viewer_body and r.state in ('accepted', 'in_progress')

-- Imports of services.
-- query: service_same
-- for: rule
-- maybe
select s.id, s.kind, s.classes
from service s
where s.person_id = :person and s.day = :day and s.kind = :kind and s.body_id = :body
limit 50

-- query: services_of_import
-- for: rule
select s.id, s.person_id, s.case_id, s.classes from service s where s.import_id = :import order by s.id limit :rows

-- query: service_delete
-- for: write
delete from service where id = :id

-- query: service_retained
-- for: rule
select v.id, v.person_id, v.case_id, v.day as since, v.classes
from service v
left join case_file c on c.id = v.case_id
where v.body_id = :body and v.day < :before and v.id > :after and (c.id is null or c.state = 'closed')
order by v.id
limit :rows
