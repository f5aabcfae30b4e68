-- query: sentences_of_person
-- about: person_id bits recheck_at
-- uses:  criminal
-- internal: person_id body_id
-- discloses: body_name body_id
select s.id, s.person_id, s.article, s.punishment, s.court, s.decided_on, s.ends_on, s.obligations,
       s.body_id, b.name as body_name, a.bits, a.recheck_at
from sentence s
join access a on a.body_id = :viewer_body and a.person_id = s.person_id
join body b on b.id = s.body_id
where s.person_id = :person and (a.bits & :uses) = :uses
order by s.id desc
limit 50

-- Whose decision is recorded: only where the viewer may read of the person's crimes at all.
-- query: sentence_person
-- one
-- about: id bits recheck_at
-- uses:  criminal
select p.id, p.family_name, p.given_name, p.patronymic, p.birth_date, a.bits, a.recheck_at
from access a
join person p on p.id = a.person_id
where a.body_id = :viewer_body and a.person_id = :person and (a.bits & :uses) = :uses

-- query: sentence_birth
-- for: rule
-- maybe
select p.birth_date from person p where p.id = :person
