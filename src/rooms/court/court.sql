-- A conviction that is spent is shown to those only who may read of spent ones, from its day on, whether the job has noted
-- it or not.

-- query: sentences_of_person
-- about: person_id bits recheck_at
-- uses:  criminal
-- column: closes_on date criminal from=classes "Spent from"
-- column: mine int open
-- column: executor text criminal "Body that executes the decision"
-- internal: person_id body_id classes executor_body_id mine
-- discloses: body_name body_id
-- discloses: executor executor_body_id
select s.id, s.person_id, s.article, s.punishment, s.gravity, s.crime_age, s.court, s.decided_on, s.ends_on, s.struck_on,
       s.obligations, s.closes_on, s.body_id, b.name as body_name, case when s.body_id = :viewer_body then 1 else 0 end as mine,
       s.executor_body_id, x.name as executor, s.classes, a.bits, a.recheck_at
from sentence s
join access a on a.body_id = :viewer_body and a.person_id = s.person_id
join body b on b.id = s.body_id
left join body x on x.id = s.executor_body_id
where s.person_id = :person and (a.bits & :uses) = :uses and (a.bits & :role_bits & s.classes) = s.classes & :plain_classes
  and (s.closes_on is null or s.closes_on > :today or (a.bits & :role_bits & :spent) <> 0)
order by s.id desc
limit 50

-- A decision as the body that recorded it changes it.
-- query: sentence_card
-- one
-- about: person_id bits recheck_at
-- uses:  criminal
-- column: closes_on date criminal from=classes "Spent from"
-- internal: person_id classes
select s.id, s.version, s.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, s.article, s.punishment,
       s.gravity, s.crime_age, s.decided_on, s.ends_on, s.struck_on, s.closes_on, s.executor_body_id, s.classes, a.bits, a.recheck_at
from sentence s
join access a on a.body_id = :viewer_body and a.person_id = s.person_id
join person p on p.id = s.person_id
where s.id = :id and s.body_id = :viewer_body and (a.bits & :uses) = :uses and (a.bits & :role_bits & s.classes) = s.classes & :plain_classes
  and (s.closes_on is null or s.closes_on > :today or (a.bits & :role_bits & :spent) <> 0)

-- Decisions of the viewer's body for which no day can be computed: something is not known.
-- query: sentence_uncomputed
-- about: person_id bits recheck_at
-- uses:  identity criminal
-- internal: person_id classes
-- sort:  newest = s.id desc
-- page:  50
select s.id, s.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, s.article, s.punishment, s.gravity,
       s.decided_on, s.ends_on, s.classes, a.bits, a.recheck_at {keys}
from sentence s
join access a on a.body_id = :viewer_body and a.person_id = s.person_id
join person p on p.id = s.person_id
where s.body_id = :viewer_body and s.closes_on is null and (a.bits & :uses) = :uses
  and (a.bits & :role_bits & s.classes) = s.classes & :plain_classes
  and {after}
order by {order}
limit :limit

-- Whose decision is recorded: only where the viewer may read of the person's crimes at all.
-- query: sentence_person
-- one
-- about: id bits recheck_at
-- uses:  criminal
select p.id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, a.bits, a.recheck_at
from access a
join person p on p.id = a.person_id
where a.body_id = :viewer_body and a.person_id = :person and (a.bits & :uses) = :uses

-- query: sentence_birth
-- for: rule
-- maybe
select p.birth_date from person p where p.id = :person

-- query: sentence_facts
-- for: rule
-- maybe
select s.person_id, s.punishment, s.decided_on, s.executor_body_id
from sentence s
where s.id = :id

-- query: sentence_any
-- for: rule
-- maybe
select s.id from sentence s where s.person_id = :person limit 1

-- query: sentence_standing
-- for: rule
-- maybe
select s.id from sentence s where s.person_id = :person and (s.closes_on is null or s.closes_on > :today) limit 1

-- The job's: past their day and not yet noted.
-- query: sentence_due
-- for: rule
select s.id, s.person_id, s.closes_on
from sentence s
where s.closes_on <= :today and (s.classes & :spent) = 0
limit :rows

-- query: sentence_retained
-- for: rule
-- column: case_id int open
select s.id, s.person_id, null as case_id, s.closes_on as since, s.classes
from sentence s
where s.body_id = :body and s.id > :after and s.closes_on < :before
order by s.id
limit :rows

-- query: sentence_sample
-- for: rule
-- maybe
-- scan: an example of an address, for the operator's command
select s.id
from sentence s
join access a on a.body_id = :body and a.person_id = s.person_id
where s.body_id = :body
order by s.id
limit 1
