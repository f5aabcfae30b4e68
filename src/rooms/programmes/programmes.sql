-- query: programme_list
-- about: person_id bits recheck_at
-- uses:  identity social
-- internal: person_id specialist_body
-- discloses: specialist specialist_body
-- sort:  newest = g.id desc
-- page:  50
select g.id, g.number, g.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, g.state, g.starts_on,
       g.ends_on, g.agreed_on, w.body_id as specialist_body, w.name as specialist, a.bits, a.recheck_at {keys}
from programme g
join access a on a.body_id = :viewer_body and a.person_id = g.person_id
join person p on p.id = g.person_id
join account w on w.id = g.account_id
where g.body_id = :viewer_body and (a.bits & :uses) = :uses
  and g.account_id = :account            --? account
  and g.state = :state                   --? state
  and g.state = 'agreed' and g.ends_on >= :today and g.ends_on <= :ends_by    --? ends_by
  and {after}
order by {order}
limit :limit

-- query: programme_card
-- one
-- about: person_id bits recheck_at
-- internal: person_id case_id specialist_body
-- discloses: specialist specialist_body
select g.id, g.version, g.number, g.case_id, c.number as case_number, g.person_id, p.family_name, p.given_name,
       p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, g.state, g.starts_on, g.ends_on, g.agreed_on, g.court_note,
       w.body_id as specialist_body, w.name as specialist, a.bits, a.recheck_at
from programme g
join case_file c on c.id = g.case_id
join access a on a.body_id = :viewer_body and a.person_id = g.person_id
join person p on p.id = g.person_id
join account w on w.id = g.account_id
where g.id = :id and g.body_id = :viewer_body

-- query: programme_case
-- one
-- about: person_id bits recheck_at
-- internal: person_id
select c.id, c.number, c.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, a.bits, a.recheck_at
from case_file c
join access a on a.body_id = :viewer_body and a.person_id = c.person_id
join person p on p.id = c.person_id
where c.id = :id and c.body_id = :viewer_body

-- query: programme_last_change
-- maybe
-- about: person_id bits recheck_at
-- internal: person_id account_body
-- discloses: account account_body
select e.id, a.person_id, e.at, w.body_id as account_body, w.name as account, a.bits, a.recheck_at
from event e
join access a on a.body_id = :viewer_body and a.person_id = :person
join account w on w.id = e.account_id
where e.person_id in (select l.id from person l where l.id = :person or l.merged_into = :person) and e.object = 'programme' and e.object_id = :programme
order by e.id desc
limit 1

-- query: programmes_of_case
-- about: person_id bits recheck_at
-- internal: person_id
select g.id, g.number, g.person_id, g.state, g.starts_on, g.ends_on, g.agreed_on, a.bits, a.recheck_at
from programme g
join access a on a.body_id = :viewer_body and a.person_id = g.person_id
where g.case_id = :case_id and +g.body_id = :viewer_body
order by g.id desc
limit 20

-- Goals, each with its measures; a goal without measures has one row. `begins`, set by the page, marks a goal's first row.
-- query: programme_plan
-- about: person_id bits recheck_at
-- internal: begins person_id goal_classes body_id referral_id classes
-- column: begins int open
-- column: late int open
-- discloses: body_name body_id
select o.id as goal_id, o.person_id, o.domain, o.words as goal, o.classes as goal_classes, null as begins,
       m.id as measure_id, m.words as measure, m.need, m.body_id, b.name as body_name, m.due_on, m.state,
       case when m.due_on < :today and m.state in ('sent', 'in_progress') then 1 else 0 end as late,
       m.done_on, m.result, m.referral_id, m.classes, a.bits, a.recheck_at
from goal o
join programme g on g.id = o.programme_id
join access a on a.body_id = :viewer_body and a.person_id = o.person_id
left join measure m on m.goal_id = o.id and m.person_id = a.person_id and (a.bits & :role_bits & m.classes) = m.classes & :plain_classes
left join body b on b.id = m.body_id
where o.programme_id = :programme and g.body_id = :viewer_body
  and (a.bits & :role_bits & o.classes) = o.classes & :plain_classes
order by o.id, m.id
limit 300

-- query: goal_options
-- about: person_id bits recheck_at
-- internal: person_id classes
select o.id, o.words, o.person_id, o.classes, a.bits, a.recheck_at
from goal o
join programme g on g.id = o.programme_id
join access a on a.body_id = :viewer_body and a.person_id = o.person_id
where o.programme_id = :programme and g.body_id = :viewer_body
  and (a.bits & :role_bits & o.classes) = o.classes & :plain_classes
order by o.id
limit 100

-- query: measure_list
-- about: person_id bits recheck_at
-- uses:  identity
-- internal: person_id programme_id body_id classes
-- column: late int open
-- sort:  due = m.due_on, m.id
-- page:  50
select m.id, m.words, m.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, m.need, m.due_on, m.state,
       case when m.due_on < :today and m.state in ('sent', 'in_progress') then 1 else 0 end as late,
       m.done_on, m.result, m.programme_id, m.body_id, m.classes, a.bits, a.recheck_at {keys}
from measure m
join access a on a.body_id = :viewer_body and a.person_id = m.person_id
join person p on p.id = m.person_id
where m.body_id = :viewer_body and m.state <> 'planned' and (m.state <> 'cancelled' or m.referral_id is not null or exists (select g.id from programme g where g.id = m.programme_id and g.body_id = :viewer_body)) and (a.bits & :uses) = :uses
  and (a.bits & :role_bits & m.classes) = m.classes & :plain_classes
  and m.state = :state                   --? state
  and {after}
order by {order}
limit :limit

-- query: measure_card
-- one
-- about: person_id bits recheck_at
-- internal: person_id programme_id body_id lead_id referral_id classes
-- column: late int open
-- discloses: body_name body_id
-- discloses: lead_name lead_id
-- discloses: lead_phone lead_id
select m.id, m.version, m.words, m.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, m.need,
       m.programme_id, g.number as programme_number, m.body_id, b.name as body_name, g.body_id as lead_id,
       l.name as lead_name, l.phone as lead_phone, m.ground, m.due_on, m.state,
       case when m.due_on < :today and m.state in ('sent', 'in_progress') then 1 else 0 end as late,
       m.done_on, m.result, m.result_note, m.referral_id, m.classes, a.bits, a.recheck_at
from measure m
join programme g on g.id = m.programme_id
join access a on a.body_id = :viewer_body and a.person_id = m.person_id
join person p on p.id = m.person_id
join body b on b.id = m.body_id
join body l on l.id = g.body_id
where m.id = :id and (g.body_id = :viewer_body or m.body_id = :viewer_body and m.state <> 'planned' and (m.state <> 'cancelled' or m.referral_id is not null))
  and (a.bits & :role_bits & m.classes) = m.classes & :plain_classes

-- query: programme_facts_row
-- for: rule
-- maybe
select g.version, g.person_id, g.body_id, g.case_id, g.state
from programme g
where g.id = :id

-- query: goal_facts
-- for: rule
-- maybe
select o.programme_id from goal o where o.id = :id

-- query: measure_facts
-- for: rule
-- maybe
select m.programme_id, m.body_id, m.state, m.person_id
from measure m
where m.id = :id

-- query: measures_open
-- for: rule
select m.id
from measure m
where m.case_id = :case_id and m.state in ('planned', 'sent', 'in_progress')

-- query: programmes_open
-- for: rule
select g.id
from programme g
where g.case_id = :case_id and g.state <> 'closed'

-- With the case that they belong to, of the lead.
-- query: measure_retained
-- for: rule
select m.id, m.person_id, m.case_id, c.closed_on as since, m.classes
from case_file c
join measure m on m.case_id = c.id
where c.body_id = :body and c.state = 'closed' and c.closed_on < :before and m.id > :after
order by m.id
limit :rows

-- query: goal_retained
-- for: rule
select l.id, l.person_id, g.case_id, c.closed_on as since, l.classes
from case_file c
join programme g on g.case_id = c.id
join goal l on l.programme_id = g.id
where c.body_id = :body and c.state = 'closed' and c.closed_on < :before and l.id > :after
order by l.id
limit :rows

-- query: programme_retained
-- for: rule
-- column: classes int open
select g.id, g.person_id, g.case_id, c.closed_on as since, null as classes
from case_file c
join programme g on g.case_id = c.id
where c.body_id = :body and c.state = 'closed' and c.closed_on < :before and g.id > :after
order by g.id
limit :rows

-- What is planned for other bodies and has not been sent.
-- query: measures_planned
-- for: rule
select m.id, m.words, m.need, m.body_id, m.ground, m.due_on, m.classes
from measure m
where m.programme_id = :programme and m.state = 'planned'
order by m.id
