-- Minutes: questions with what was heard, decided, voted. A question on a case is a row about its person; the viewer's meeting is asked for
-- first (meeting_card). Statements of a pair have the same columns, so that they stand in one table; the page marks and counts them.

-- query: minutes_cases
-- about: person_id bits recheck_at
-- uses:  identity
-- column: begins int open
-- column: nr int open "No."
-- column: hidden int open
-- column: subject text open "Question"
-- column: said text open "What was heard"
-- column: task text open "Decided"
-- column: report text open "Report"
-- column: measure_state code open list=measure_state "Measure"
-- column: responsible text open "Responsible worker"
-- column: late int open
-- internal: person_id case_id classes begins nr hidden place account_body measure_id d_classes owner_id
-- discloses: owner owner_id
-- discloses: responsible account_body
select i.id, i.place, null as begins, null as nr, null as hidden, i.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from,
       p.birth_year_to, i.case_id, i.topic, i.words, i.heard, null as subject, null as said, i.classes,
       d.id as decision_id, d.version as decision_version, d.words as decided, null as task, d.body_id as owner_id, b.name as owner, w.body_id as account_body,
       w.name as responsible, d.due_on, d.state, d.vote, d.n_for, d.n_against, d.n_abstained, d.measure_id, x.state as measure_state, d.done_on, d.result_note, null as report,
       d.off_on, case when d.due_on < :today and d.state = 'open' and (x.state is null or x.state in ('planned', 'sent', 'in_progress')) then 1 else 0 end as late, d.classes as d_classes, a.bits, a.recheck_at
from agenda_item i
join access a on a.body_id = :viewer_body and a.person_id = i.person_id
join person p on p.id = i.person_id
left join decision d on d.item_id = i.id and d.person_id = a.person_id and (a.bits & :role_bits & d.classes) = d.classes & :plain_classes
left join body b on b.id = d.body_id
left join account w on w.id = d.account_id
left join measure x on x.id = d.measure_id
where i.meeting_id = :meeting and (a.bits & :uses) = :uses
  and (a.bits & :role_bits & i.classes) = i.classes & :plain_classes
order by i.place, i.id, d.id
limit 300

-- query: minutes_open
-- about: none
-- column: begins int open
-- column: nr int open
-- column: hidden int open
-- column: person_id int open
-- column: family_name text open
-- column: given_name text open
-- column: patronymic text open
-- column: birth_date date open
-- column: birth_year_from int open
-- column: birth_year_to int open
-- column: case_id int open
-- column: topic code open list=note_topic
-- column: words text open
-- column: heard text open
-- column: decided text open
-- column: measure_state code open list=measure_state
-- column: responsible text open
-- column: result_note text open
-- column: late int open
-- column: classes int open
-- column: d_classes int open
-- column: bits int open
-- column: recheck_at instant open
select i.id, i.place, null as begins, null as nr, null as hidden, null as person_id, null as family_name, null as given_name, null as patronymic, null as birth_date, null as birth_year_from,
       null as birth_year_to, null as case_id, null as topic, null as words, null as heard, i.subject, i.said, null as classes,
       d.id as decision_id, d.version as decision_version, null as decided, d.task, d.body_id as owner_id, b.name as owner, w.body_id as account_body,
       w.name as responsible, d.due_on, d.state, d.vote, d.n_for, d.n_against, d.n_abstained, d.measure_id, null as measure_state, d.done_on, null as result_note, d.report,
       d.off_on, case when d.due_on < :today and d.state = 'open' then 1 else 0 end as late, null as d_classes, null as bits, null as recheck_at
from agenda_item i
left join decision d on d.item_id = i.id
left join body b on b.id = d.body_id
left join account w on w.id = d.account_id
where i.meeting_id = :meeting and i.person_id is null
order by i.place, i.id, d.id
limit 300

-- query: addenda_cases
-- about: person_id bits recheck_at
-- uses:  identity
-- column: said text open "Addendum"
-- column: author text open "Author"
-- internal: person_id item_id author_body classes
-- discloses: author author_body
select x.id, x.item_id, x.person_id, x.words, null as said, x.created_at, c.body_id as author_body, c.name as author, x.classes, a.bits, a.recheck_at
from minutes_addendum x
join access a on a.body_id = :viewer_body and a.person_id = x.person_id
join account c on c.id = x.account_id
where x.meeting_id = :meeting and (a.bits & :uses) = :uses
  and (a.bits & :role_bits & x.classes) = x.classes & :plain_classes
order by x.id
limit 200

-- query: addenda_open
-- about: none
-- column: person_id int open
-- column: words text open
-- column: author text open
-- column: classes int open
-- column: bits int open
-- column: recheck_at instant open
select x.id, x.item_id, null as person_id, null as words, x.said, x.created_at, c.body_id as author_body, c.name as author, null as classes, null as bits, null as recheck_at
from minutes_addendum x
join account c on c.id = x.account_id
where x.meeting_id = :meeting and x.person_id is null
order by x.id
limit 200

-- One question; those of a meeting that the viewer's body does not read are not there.

-- query: item_case
-- maybe
-- about: person_id bits recheck_at
-- uses:  identity
-- internal: person_id case_id body_id classes
-- column: subject text open
-- column: said text open
select i.id, i.version, i.meeting_id, i.place, i.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, i.case_id, i.body_id,
       i.topic, i.words, i.heard, null as subject, null as said, i.ground, i.classes, a.bits, a.recheck_at
from agenda_item i
join meeting m on m.id = i.meeting_id
join access a on a.body_id = :viewer_body and a.person_id = i.person_id
join person p on p.id = i.person_id
where i.id = :id and (a.bits & :uses) = :uses
  and (a.bits & :role_bits & i.classes) = i.classes & :plain_classes
  and (m.body_id = :viewer_body or exists (select v.id from invitation v where v.meeting_id = m.id and v.body_id = :viewer_body))

-- query: item_open
-- maybe
-- about: none
-- column: person_id int open
-- column: family_name text open
-- column: given_name text open
-- column: patronymic text open
-- column: birth_date date open
-- column: birth_year_from int open
-- column: birth_year_to int open
-- column: case_id int open
-- column: topic code open list=note_topic
-- column: words text open
-- column: heard text open
-- column: classes int open
-- column: bits int open
-- column: recheck_at instant open
select i.id, i.version, i.meeting_id, i.place, null as person_id, null as family_name, null as given_name, null as patronymic, null as birth_date, null as birth_year_from, null as birth_year_to, null as case_id, i.body_id,
       null as topic, null as words, null as heard, i.subject, i.said, i.ground, null as classes, null as bits, null as recheck_at
from agenda_item i
join meeting m on m.id = i.meeting_id
where i.id = :id and i.person_id is null
  and (m.body_id = :viewer_body or exists (select v.id from invitation v where v.meeting_id = m.id and v.body_id = :viewer_body))

-- The case that is to be put on an agenda.
-- query: agenda_case
-- one
-- about: person_id bits recheck_at
-- internal: person_id
select c.id, c.number, c.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, a.bits, a.recheck_at
from case_file c
join access a on a.body_id = :viewer_body and a.person_id = c.person_id
join person p on p.id = c.person_id
where c.id = :id and c.body_id = :viewer_body

-- Meetings to come whose agenda takes a case of the viewer's body.
-- query: meetings_to_come
-- about: none
-- column: group_name text open
select m.id, m.meets_at, m.kind, m.subject, g.name as group_name
from meeting m
left join work_group g on g.id = m.group_id
where m.state = 'planned' and m.meets_at >= :now
  and (m.body_id = :viewer_body or exists (select v.id from invitation v where v.meeting_id = m.id and v.body_id = :viewer_body))
order by m.meets_at, m.id
limit 100

-- query: programme_of_case_open
-- for: rule
-- maybe
select g.id from programme g where g.case_id = :case_id and g.state <> 'closed' and g.body_id = :viewer_body
order by g.id desc
limit 1

-- Plain, to be written again under more classes.
-- query: item_plain
-- for: rule
-- maybe
select i.topic, i.words, i.classes from agenda_item i where i.id = :id
