-- query: case_list
-- about: person_id bits recheck_at
-- uses:  identity
-- internal: person_id specialist_body
-- discloses: specialist specialist_body
-- sort:  newest = c.id desc
-- page:  50
select c.id, c.number, c.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to,
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
select c.id, c.number, c.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to,
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

-- The viewer's own cases, with the same columns, in which he has entered nothing since then. What others have done does not count:
-- some of it he may not know of.
-- query: case_list_idle
-- like: case_list_state
-- sort:  newest! = c.id desc
-- page:  50
select c.id, c.number, c.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to,
       c.kind, c.state, c.opened_on, c.closed_on, c.outcome, s.body_id as specialist_body, s.name as specialist,
       a.bits, a.recheck_at {keys}
from case_file c
join access a on a.body_id = :viewer_body and a.person_id = c.person_id
join person p on p.id = c.person_id
join account s on s.id = c.account_id
where c.account_id = :viewer_account and c.body_id + 0 = :viewer_body and (a.bits & :uses) = :uses -- plus: by the account's index
  and c.state in ('registered', 'assessment', 'programme', 'in_work')
  and coalesce((select e.at from event e where e.case_id = c.id and e.account_id = c.account_id order by e.id desc limit 1), c.created_at) < :before
  and {after}
order by {order}
limit :limit

-- Those whose follow-up ends soon.
-- query: case_list_ending
-- like: case_list_state
-- sort:  newest! = c.id desc
-- page:  50
select c.id, c.number, c.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to,
       c.kind, c.state, c.opened_on, c.closed_on, c.outcome, s.body_id as specialist_body, s.name as specialist,
       a.bits, a.recheck_at {keys}
from case_file c
join access a on a.body_id = :viewer_body and a.person_id = c.person_id
join person p on p.id = c.person_id
join account s on s.id = c.account_id
where c.account_id = :viewer_account and c.body_id + 0 = :viewer_body and (a.bits & :uses) = :uses -- plus: by the account's index
  and c.state = 'follow_up' and c.follow_up_until >= :today and c.follow_up_until <= :ends_by
  and {after}
order by {order}
limit :limit

-- query: case_card
-- one
-- about: person_id bits recheck_at
-- internal: person_id body_id specialist_body
-- discloses: body_name body_id
-- discloses: specialist specialist_body
select c.id, c.version, c.number, c.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to,
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
select c.version, c.person_id, c.body_id, c.number, c.state, c.opened_on
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
where s.case_id = :case_id and s.body_id = :viewer_body and (a.bits & :role_bits & n.classes) = n.classes & :plain_classes
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
where n.person_id = :person and +n.body_id = :viewer_body and (a.bits & :role_bits & n.classes) = n.classes & :plain_classes
order by n.id desc
limit 200

-- query: case_person
-- one
-- about: id bits recheck_at
select p.id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, a.bits, a.recheck_at
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

-- What is past its term, of a body: closed cases and what belongs to them. A note without a case waits until the body has
-- no case of the person open.

-- query: note_retained
-- for: rule
-- column: since date social
select n.id, n.person_id, n.case_id, coalesce(c.closed_on, n.day) as since, n.classes
from note n
left join case_file c on c.id = n.case_id
where n.body_id = :body and n.id > :after and coalesce(c.closed_on, n.day) < :before
  and not exists (select o.id from case_file o where o.person_id = n.person_id and +o.body_id = n.body_id and o.state <> 'closed')
order by n.id
limit :rows

-- query: need_retained
-- for: rule
select n.id, n.person_id, s.case_id, c.closed_on as since, n.classes
from case_file c
join assessment s on s.case_id = c.id
join need n on n.assessment_id = s.id
where c.body_id = :body and c.state = 'closed' and c.closed_on < :before and n.id > :after
order by n.id
limit :rows

-- query: assessment_retained
-- for: rule
-- column: classes int open
select s.id, s.person_id, s.case_id, c.closed_on as since, null as classes
from case_file c
join assessment s on s.case_id = c.id
where c.body_id = :body and c.state = 'closed' and c.closed_on < :before and s.id > :after
order by s.id
limit :rows

-- query: case_retained
-- for: rule
-- column: case_id int open
-- column: classes int open
select c.id, c.person_id, c.id as case_id, c.closed_on as since, null as classes
from case_file c
where c.body_id = :body and c.state = 'closed' and c.closed_on < :before and c.id > :after
order by c.id
limit :rows

-- Families. Each member is masked by the lead's own access to that member.

-- query: members_of_case
-- about: person_id bits recheck_at
-- internal: person_id
select m.id, m.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, m.role, m.since, m.until, a.bits, a.recheck_at
from case_member m
join case_file c on c.id = m.case_id
join access a on a.body_id = :viewer_body and a.person_id = m.person_id
join person p on p.id = m.person_id
where m.case_id = :case_id and c.body_id = :viewer_body
order by m.id
limit 100

-- query: memberships_of_person
-- about: person_id bits recheck_at
-- internal: person_id
select m.id, m.person_id, m.case_id, c.number, m.role, m.since, m.until, a.bits, a.recheck_at
from case_member m
join case_file c on c.id = m.case_id
join access a on a.body_id = :viewer_body and a.person_id = m.person_id
where m.person_id = :person and c.body_id + 0 = :viewer_body
order by m.id desc
limit 20

-- query: member_card
-- one
-- about: person_id bits recheck_at
-- uses:  identity
-- internal: person_id
select m.id, m.version, m.case_id, c.number, m.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, m.role, m.since,
       m.until, a.bits, a.recheck_at
from case_member m
join case_file c on c.id = m.case_id
join access a on a.body_id = :viewer_body and a.person_id = m.person_id
join person p on p.id = m.person_id
where m.id = :id and c.body_id = :viewer_body and (a.bits & :uses) = :uses

-- Whom a body may add: persons whom it sees, by the beginning of the surname.
-- query: member_found
-- about: id bits recheck_at
-- uses:  identity
select p.id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, a.bits, a.recheck_at
from access a
join person p on p.id = a.person_id
where a.body_id = :viewer_body and a.name_key >= :from and a.name_key < :end and (a.bits & :uses) = :uses
  and a.person_id <> :but
order by a.name_key, a.person_id
limit 20

-- query: member_facts
-- for: rule
-- maybe
select m.case_id, m.person_id, m.since, m.until
from case_member m
where m.id = :id

-- query: member_open
-- for: rule
-- maybe
select m.id
from case_member m
where m.case_id = :case_id and m.person_id + 0 = :person and m.until is null
limit 1

-- query: members_open
-- for: rule
select m.id, m.person_id, m.since
from case_member m
where m.case_id = :case_id and m.until is null
order by m.id

-- query: member_any
-- for: rule
-- maybe
-- scan: an example of an address, for the operator's command
select m.id
from case_member m
join case_file c on c.id = m.case_id
join access a on a.body_id = :body and a.person_id = m.person_id
where c.body_id = :body
order by m.id
limit 1

-- Of one person no two memberships of a case run, and none of his own.
-- query: members_twice
-- for: rule
select m.id
from case_member m
join case_file c on c.id = m.case_id
where m.person_id = :person and m.until is null
  and (c.person_id = m.person_id
       or exists (select o.id from case_member o where o.case_id = m.case_id and o.person_id = m.person_id and o.until is null and o.id < m.id))
order by m.id

-- Who leads, and the body of the newest open case.
-- query: case_lead
-- for: rule
-- maybe
-- column: newest int open
select p.lead_body_id,
       (select c.body_id from case_file c where c.person_id = p.id and c.state not in ('closed', 'follow_up') order by c.id desc limit 1) as newest
from person p
where p.id = :person

-- The same when two cards are parted. since: of an open case that came after they were joined; stands: has the lead a case here?
-- query: case_lead_since
-- for: rule
-- maybe
-- column: since int open
-- column: newest int open
-- column: stands int open
select p.lead_body_id,
       (select c.body_id from case_file c where c.person_id = p.id and c.state not in ('closed', 'follow_up')
          and not exists (select n.object_id from merge_move n where n.object = 'case_file' and n.object_id = c.id and n.merge_id = :merge)
        order by c.id desc limit 1) as since,
       (select c.body_id from case_file c where c.person_id = p.id order by c.id desc limit 1) as newest,
       (select count(*) from case_file c where c.person_id = p.id and +c.body_id = p.lead_body_id) as stands
from person p
where p.id = :person
