-- Likely same persons: see people_alike.h.

-- Persons that share a key, or a number. Keys that are not there are given as 0.
-- query: alike_candidates
-- for: rule
-- column: id int open
-- column: family_name text identity
-- column: given_name text identity
-- column: patronymic text identity
-- column: birth_date date identity
-- column: birth_year_from int identity
-- column: birth_year_to int identity
-- column: sex code identity list=sex
-- column: birth_place text identity
-- column: snils text identity
-- column: iin text identity
-- column: address text contact
-- column: phone text contact
select p.id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, p.sex, p.birth_place,
       p.snils, p.iin, p.address, p.phone
from person p
where p.id in (select k.person_id from person_key k where k.key in (:a, :b, :c, :d, :e, :f, :g, :h)
               union select s.id from person s where s.snils = :snils
               union select i.id from person i where i.iin = :iin)
  and p.id <> :but and p.merged_into is null
  and not exists (select x.id from restriction x where x.person_id = p.id and x.ended_at is null and :sees_all = 0
                  and not exists (select n.id from restriction_viewer n where n.person_id = p.id and n.body_id = :viewer_body
                                  and (n.account_id is null or n.account_id = :viewer_account)))
order by p.id
limit 2000

-- query: alike_person
-- for: rule
-- maybe
select p.id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, p.sex, p.birth_place,
       p.snils, p.iin, p.address, p.phone
from person p
where p.id = :id

-- query: alike_names
-- for: rule
select n.id, n.kind, n.name from person_name n where n.person_id = :person order by n.id limit 20

-- The newest is in use.
-- query: link_model_newest
-- for: rule
-- maybe
select m.id, m.learnt_at, m.persons from link_model m order by m.id desc limit 1

-- query: link_model_text
-- for: rule
-- maybe
select m.id, m.text from link_model m where m.id = :id

-- One of each `step` persons.
-- query: alike_sample
-- for: rule
select p.id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, p.sex, p.birth_place,
       p.snils, p.iin, p.address, p.phone
from person p
where p.id > :after and p.id % :step = 0 and p.merged_into is null
order by p.id
limit :rows

-- query: person_greatest
-- for: rule
-- maybe
select p.id from person p order by p.id desc limit 1

-- query: link_model_list
-- about: none
-- sort:  newest = m.id desc
-- page:  20
select m.id, m.learnt_at, m.persons, m.pairs {keys}
from link_model m
where {after}
order by {order}
limit :limit

-- query: link_model_card
-- about: none
-- one
select m.id, m.learnt_at, m.persons, m.pairs from link_model m where m.id = :id

-- A likely same person as pages show him; the rows are made by people_alike_show.c.
-- query: person_likely
-- about: id bits recheck_at
-- uses:  identity
-- column: born date identity "Year of birth"
-- column: known int open
-- column: choose int open
-- column: sure int open
-- column: agrees text open "Agrees"
-- column: near text open "Nearly agrees"
-- column: differs text open "Differs"
-- column: other_name int open
-- column: forbidden text open
-- discloses: lead_body lead_body_id
-- internal: lead_body_id
select p.id, p.family_name, p.given_name, p.patronymic, p.birth_date as born, p.lead_body_id, b.name as lead_body, 1 as known,
       1 as choose, 0 as sure, null as agrees, null as near, null as differs, 0 as other_name, null as forbidden, a.bits, a.recheck_at
from access a
join person p on p.id = a.person_id
left join body b on b.id = p.lead_body_id
where a.body_id = :viewer_body and a.person_id = :id and (a.bits & :uses) = :uses

-- query: listing_any
-- for: rule
-- maybe
select l.id from listing l where l.person_id = :person and l.body_id = :body order by l.id limit 1

-- A level of a field in a model; the rows are made by people_model.c.
-- query: model_level
-- about: none
-- column: field text open "Field"
-- column: level text open "Likeness"
-- column: same text open "One person, %"
-- column: other text open "Two persons, %"
-- column: weight text open "Bits"
select m.id, null as field, null as level, null as same, null as other, null as weight from link_model m where m.id = :id
