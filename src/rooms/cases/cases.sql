-- query: case_list
-- about: person_id bits recheck_at
-- uses:  identity
-- internal: person_id specialist_body
-- discloses: specialist specialist_body
-- sort:  newest = c.id desc
-- page:  50
select c.id, c.number, c.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date,
       c.kind, c.state, c.opened_on, c.closed_on, c.outcome, s.body_id as specialist_body, s.name as specialist,
       a.bits, a.recheck_at {keys}
from case_file c
join access a on a.body_id = :viewer_body and a.person_id = c.person_id
join person p on p.id = c.person_id
join account s on s.id = c.account_id
where c.body_id = :viewer_body and (a.bits & :uses) = :uses
  and c.account_id = :account             --? account
  and c.person_id = :person               --? person
  and {after}
order by {order}
limit :limit

-- query: case_list_state
-- about: person_id bits recheck_at
-- uses:  identity social
-- internal: person_id specialist_body
-- discloses: specialist specialist_body
-- sort:  newest = c.id desc
-- page:  50
select c.id, c.number, c.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date,
       c.kind, c.state, c.opened_on, c.closed_on, c.outcome, s.body_id as specialist_body, s.name as specialist,
       a.bits, a.recheck_at {keys}
from case_file c
join access a on a.body_id = :viewer_body and a.person_id = c.person_id
join person p on p.id = c.person_id
join account s on s.id = c.account_id
where c.body_id = :viewer_body and (a.bits & :uses) = :uses
  and c.state = :state
  and c.account_id = :account             --? account
  and {after}
order by {order}
limit :limit

-- query: case_card
-- one
-- about: person_id bits recheck_at
-- internal: person_id body_id specialist_body
-- discloses: body_name body_id
-- discloses: specialist specialist_body
select c.id, c.version, c.number, c.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date,
       c.kind, c.state, c.channel, c.opened_on, c.closed_on, c.outcome, c.outcome_note, c.follow_up_until,
       c.body_id, b.name as body_name, s.body_id as specialist_body, s.name as specialist, a.bits, a.recheck_at
from case_file c
join access a on a.body_id = :viewer_body and a.person_id = c.person_id
join person p on p.id = c.person_id
join body b on b.id = c.body_id
join account s on s.id = c.account_id
where c.id = :id and c.body_id = :viewer_body

-- query: cases_of_person
-- about: person_id bits recheck_at
-- internal: person_id
select c.id, c.number, c.person_id, c.kind, c.state, c.opened_on, c.closed_on, c.outcome, a.bits, a.recheck_at
from case_file c
join access a on a.body_id = :viewer_body and a.person_id = c.person_id
where c.person_id = :person and +c.body_id = :viewer_body -- plus: by the person's index, a body has many cases
order by c.id desc
limit 100

-- query: case_facts_row
-- for: rule
-- maybe
select c.version, c.person_id, c.body_id, c.number, c.state
from case_file c
where c.id = :id

-- query: case_of_person
-- for: rule
-- maybe
select c.id
from case_file c
where c.person_id = :person and +c.body_id = :body and c.state not in ('closed', 'follow_up')
limit 1

-- query: assessment_list
-- about: person_id bits recheck_at
-- internal: person_id specialist_body
-- discloses: specialist specialist_body
select s.id, s.person_id, s.day, s.summary, w.body_id as specialist_body, w.name as specialist, a.bits, a.recheck_at
from assessment s
join access a on a.body_id = :viewer_body and a.person_id = s.person_id
join account w on w.id = s.account_id
where s.case_id = :case_id and s.body_id = :viewer_body
order by s.id desc
limit 50

-- query: need_list
-- about: person_id bits recheck_at
-- internal: person_id assessment_id classes
select n.id, n.assessment_id, n.person_id, n.domain, n.level, n.note, n.classes, a.bits, a.recheck_at
from need n
join assessment s on s.id = n.assessment_id
join access a on a.body_id = :viewer_body and a.person_id = n.person_id
where s.case_id = :case_id and s.body_id = :viewer_body and (a.bits & :role_bits & n.classes) = n.classes
order by n.assessment_id desc, n.id
limit 500

-- query: note_list
-- about: person_id bits recheck_at
-- internal: person_id body_id author_body classes
-- discloses: body_name body_id
-- discloses: author author_body
-- owner: body_id
select n.id, n.person_id, n.day, n.topic, n.words, n.body_id, b.name as body_name, w.body_id as author_body, w.name as author,
       n.classes, a.bits, a.recheck_at
from note n
join access a on a.body_id = :viewer_body and a.person_id = n.person_id
join body b on b.id = n.body_id
join account w on w.id = n.account_id
where n.person_id = :person and n.body_id = :viewer_body and (a.bits & :role_bits & n.classes) = n.classes
order by n.id desc
limit 200

-- query: case_person
-- one
-- about: id bits recheck_at
select p.id, p.family_name, p.given_name, p.patronymic, p.birth_date, a.bits, a.recheck_at
from access a
join person p on p.id = a.person_id
where a.body_id = :viewer_body and a.person_id = :person

-- The questions of an assessment: one for each domain of the packs; the code's words, level and note are filled in by the
-- page. `domain` is text here: the door would hide a code that tells, but a question is about nobody yet.
-- query: need_questions
-- about: none
-- scan: a dozen codes
-- column: domain text open
-- column: level text open
-- column: note text open
select substr(e.key, 13) as domain, null as level, null as note
from pack_entry e
where e.kind = 'code' and e.key >= 'need_domain ' and e.key < 'need_domain!'
order by e.ord, e.id
