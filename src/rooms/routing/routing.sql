-- Schemes tell nothing about persons. Routes are read by the lead only, whole or not at all.

-- query: scheme_facts
-- for: rule
-- maybe
select s.version, s.code, s.number, s.name, s.situation, s.state, s.order_number, s.order_date, s.source
from scheme s
where s.id = :id

-- query: scheme_steps_all
-- for: rule
select t.code, t.label, t.place, t.same_as, t.kinds, t.need, t.ground, t.expected, t.answer_rule, t.result_rule, t.offer,
       t.joining, t.escalate
from scheme_step t
where t.scheme_id = :scheme
order by t.ord

-- query: scheme_arrows_all
-- for: rule
select w.from_step, w.outcome, w.to_step, w.done
from scheme_arrow w
where w.scheme_id = :scheme
order by w.ord

-- query: scheme_newest
-- for: rule
-- maybe
select s.id, s.number
from scheme s
where s.code = :code
order by s.number desc
limit 1

-- query: scheme_from_packs
-- for: rule
-- maybe
-- scan: a few versions of one scheme
select s.id
from scheme s
where s.code = :code and s.source = 'pack'
order by s.number desc
limit 1

-- query: scheme_in_force
-- for: rule
-- maybe
select s.id
from scheme s
where s.code = :code and s.state = 'approved'
order by s.number desc
limit 1

-- query: scheme_supersede
-- for: write
update scheme set state = 'retired', version = version + 1 where code = :code and state = 'approved' and id <> :but

-- query: scheme_steps_drop
-- for: write
delete from scheme_step where scheme_id = :scheme

-- query: scheme_arrows_drop
-- for: write
delete from scheme_arrow where scheme_id = :scheme

-- query: scheme_list
-- about: none
-- sort: code = s.code, s.number, s.id
-- page: 50
-- column: situation text open
-- column: situation_label text open "Situation"
select s.id, s.code, s.number, s.name, coalesce(s.situation, '') as situation, null as situation_label, s.state, s.order_number, s.order_date, s.source {keys}
from scheme s
where {after}
  and s.state = :state                   --? state
order by {order}
limit :limit

-- query: scheme_card
-- about: none
-- one
-- column: situation text open
-- column: situation_label text open "Situation"
select s.id, s.version, s.code, s.number, s.name, coalesce(s.situation, '') as situation, null as situation_label, s.state, s.order_number, s.order_date,
       s.source, s.created_at
from scheme s
where s.id = :id

-- Steps as the table beside the drawing shows them; the words are filled in by the page.
-- query: scheme_step_list
-- about: none
-- scan: a few dozen steps of one scheme
-- column: need text open "Need"
-- column: ground text open "Ground"
-- column: who text open "Who"
-- column: terms text open "Terms"
-- column: goes text open "What follows"
-- column: faults text open "What is wrong"
select t.id, t.ord, t.code, t.label, t.place, coalesce(t.need, '') as need,
       coalesce(t.ground, '') as ground, t.expected, t.offer, t.joining, t.escalate, null as who,
       null as terms, null as goes, null as faults
from scheme_step t
where t.scheme_id = :scheme
order by t.ord

-- A choice of a select or boxes, made by the page.
-- query: scheme_choice
-- about: none
-- scan: never more than one row
-- column: value text open
-- column: label text open
-- column: chosen int open
select null as value, null as label, null as chosen
from scheme s
where s.id = 0

-- What was found wrong with a scheme, and lines of a rehearsal; made by the page.
-- query: scheme_line
-- about: none
-- scan: never more than one row
-- column: step text open "Step"
-- column: words text open "Words"
-- column: grave int open
-- column: a text open
-- column: b text open
-- column: c text open
-- column: d text open
-- column: e text open
select null as step, null as words, null as grave, null as a, null as b, null as c, null as d, null as e
from scheme s
where s.id = 0

-- query: scheme_options
-- about: none
-- sort: name = s.name, s.id
-- page: 200
-- scan: some dozen schemes
-- column: situation text open
-- column: situation_label text open
-- column: fits int open
select s.id, s.code, s.number, s.name, coalesce(s.situation, '') as situation, null as situation_label, null as fits {keys}
from scheme s
where s.state = 'approved' and {after}
order by {order}
limit :limit

-- ---- routes ----

-- query: route_facts_row
-- for: rule
-- maybe
select r.version, r.scheme_id, r.person_id, r.case_id, r.body_id, r.account_id, r.state, r.classes
from route r
where r.id = :id

-- query: route_inputs
-- for: rule
select i.id, i.kind, i.scheme_id, i.step, i.round, i.outcome
from route_input i
where i.route_id = :route
order by i.id

-- query: route_steps_all
-- for: rule
select t.id, t.version, t.step, t.round, t.state, t.body_id, t.answer_due
from route_step t
where t.route_id = :route
order by t.id

-- query: route_step_facts
-- for: rule
-- maybe
select t.id, t.version, t.route_id, t.step, t.round, t.state, t.wait, t.body_id, t.answer_due, t.silent_on
from route_step t
where t.id = :id

-- query: route_step_by
-- for: rule
-- maybe
select t.id, t.state
from route_step t
where t.route_id = :route and t.step = :step and t.round = :round

-- query: route_step_body
-- for: rule
-- maybe
-- scan: the rounds of one step
select t.body_id
from route_step t
where t.route_id = :route and t.step = :step and t.body_id is not null
order by t.round desc
limit 1

-- query: route_running
-- for: rule
-- maybe
select r.id
from route r
join scheme s on s.id = r.scheme_id
where r.case_id = :case_id and r.state = 'running' and s.code = :code
limit 1

-- query: route_of_case_open
-- for: rule
select r.id
from route r
where r.case_id = :case_id and r.state = 'running'

-- The newest that the viewer may open.
-- query: route_newest
-- about: person_id bits recheck_at
-- internal: person_id classes
select r.id, r.person_id, r.classes, a.bits, a.recheck_at
from route r
join access a on a.body_id = :viewer_body and a.person_id = r.person_id
where r.body_id = :viewer_body
  and (a.bits & :role_bits & r.classes) = r.classes & :plain_classes
order by r.id desc
limit 1

-- query: offers_of_step
-- for: rule
select o.id, o.referral_id, o.body_id, o.todo
from route_offer o
where o.route_step_id = :step
order by o.id

-- query: offers_todo_of_route
-- for: rule
-- scan: the offers of one route
select o.id, o.route_step_id, o.referral_id, o.todo
from route_offer o
where o.route_id = :route and o.todo is not null
order by o.id

-- query: offer_of_referral
-- for: rule
-- maybe
select o.id, o.route_id, o.route_step_id
from route_offer o
where o.referral_id = :referral

-- query: offer_mark
-- for: write
update route_offer set todo = :todo where id = :id

-- query: offers_take_back
-- for: write
update route_offer set todo = 2 where route_step_id = :step and todo is null
  and referral_id in (select r.id from referral r where r.state in ('sent', 'received', 'returned') and r.id = route_offer.referral_id)

-- query: routes_answered
-- for: rule
select o.id, o.route_id
from route_offer o
where o.todo = :todo and o.id > :after
order by o.id
limit :rows

-- query: routes_to_send
-- for: rule
select t.id, t.route_id
from route_step t
where t.state = 'to_send' and t.id > :after
order by t.id
limit :rows

-- A page goes on behind the date and the row of the last one.
-- query: steps_silent
-- for: rule
select t.id, t.route_id, t.answer_due
from route_step t
where t.state = 'offered' and t.answer_due >= :due and t.answer_due < :before and (t.answer_due > :due or t.id > :after) and t.silent_on is null
order by t.answer_due, t.id
limit :rows

-- The account that leads: that of the case, else another active one of the body.
-- query: route_accounts
-- for: rule
-- scan: the accounts of one body
select c.login
from route r
join case_file f on f.id = r.case_id
join body b on b.id = r.body_id
join account c on c.body_id = b.id
where r.id = :route and c.active = 1 and b.active = 1
order by case when c.id = f.account_id then 0 else 1 end, c.id

-- query: route_district
-- for: rule
-- maybe
select p.district_id from person p where p.id = :person

-- query: route_ids
-- for: rule
-- scan: for `bereg check`, in slices
select r.id, r.state
from route r
where r.id > :after
order by r.id
limit :rows

-- query: route_card
-- one
-- about: person_id bits recheck_at
-- internal: person_id body_id specialist_body classes
-- discloses: specialist specialist_body
select r.id, r.version, r.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, r.case_id, c.number as case_number,
       r.scheme_id, s.name as scheme_name, s.number as scheme_number, s.state as scheme_state, r.state, r.started_on, r.ended_on, r.reason,
       r.body_id, w.body_id as specialist_body, w.name as specialist, r.classes, a.bits, a.recheck_at
from route r
join access a on a.body_id = :viewer_body and a.person_id = r.person_id
join person p on p.id = r.person_id
join case_file c on c.id = r.case_id
join scheme s on s.id = r.scheme_id
join account w on w.id = r.account_id
where r.id = :id and r.body_id = :viewer_body
  and (a.bits & :role_bits & r.classes) = r.classes & :plain_classes

-- query: route_step_list
-- about: person_id bits recheck_at
-- internal: person_id classes body_id
-- discloses: body_name body_id
-- column: label text open "Step"
-- column: outcome_label text open "Outcome"
-- column: manual int open
-- column: referral int open
-- column: can_again int open
select t.id, t.version, r.person_id, t.step, null as label, t.round, t.state, t.wait, t.body_id, b.name as body_name, t.opened_on,
       t.answer_due, t.due_on, t.silent_on, t.outcome, null as outcome_label, t.closed_on, t.note,
       (select max(o.referral_id) from route_offer o where o.route_step_id = t.id) as referral, null as manual, null as can_again, r.classes,
       a.bits, a.recheck_at
from route_step t
join route r on r.id = t.route_id
join access a on a.body_id = :viewer_body and a.person_id = r.person_id
left join body b on b.id = t.body_id
where t.route_id = :route and r.body_id = :viewer_body
  and (a.bits & :role_bits & r.classes) = r.classes & :plain_classes
order by t.id
limit 500

-- Steps that wait for their lead: a body to be chosen, a decision. Of the viewer's routes.
-- query: route_steps_waiting
-- about: person_id bits recheck_at
-- uses:  identity
-- internal: person_id scheme_id step classes
-- column: label text open "Step"
-- sort:  newest! = t.id desc
-- page:  50
select t.id, r.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, r.scheme_id, s.name as scheme_name,
       t.step, (select x.label from scheme_step x where x.scheme_id = r.scheme_id and x.code = t.step) as label, t.state, t.wait, t.opened_on, r.classes, a.bits, a.recheck_at {keys}
from route r
join route_step t on t.route_id = r.id
join scheme s on s.id = r.scheme_id
join access a on a.body_id = :viewer_body and a.person_id = r.person_id
join person p on p.id = r.person_id
where r.account_id = :viewer_account and r.body_id + 0 = :viewer_body and r.state = 'running' -- plus: by the account's index
  and t.state in ('by_hand', 'decide') and (a.bits & :uses) = :uses
  and (a.bits & :role_bits & r.classes) = r.classes & :plain_classes
  and {after}
order by {order}
limit :limit

-- For the coordinating body: steps that nobody can take, and those that have waited for their lead too long. Without the person; of
-- restricted persons nothing.
-- query: route_steps_stuck
-- about: none
-- column: label text open "Step"
-- column: body_name text open "Lead"
-- column: body_phone text open "Telephone"
-- sort:  oldest = t.id
-- page:  50
select t.id, s.name as scheme_name, (select x.label from scheme_step x where x.scheme_id = r.scheme_id and x.code = t.step) as label, b.name as body_name,
       b.phone as body_phone, t.state, t.wait, t.opened_on {keys}
from route_step t
join route r on r.id = t.route_id
join scheme s on s.id = r.scheme_id
join body b on b.id = r.body_id
where t.state in ('by_hand', 'decide') and r.state = 'running' and (t.wait in ('no_body', 'no_agreement') or t.opened_on < :before)
  and (b.coordinator_id is null or b.coordinator_id = :viewer_body)
  and not exists (select x.id from restriction x where x.person_id = r.person_id and x.ended_at is null)
  and {after}
order by {order}
limit :limit

-- query: routes_of_case
-- about: person_id bits recheck_at
-- internal: person_id classes
select r.id, r.person_id, s.name as scheme_name, r.state, r.started_on, r.classes, a.bits, a.recheck_at
from route r
join scheme s on s.id = r.scheme_id
join access a on a.body_id = :viewer_body and a.person_id = r.person_id
where r.case_id = :case_id and r.body_id = :viewer_body
  and (a.bits & :role_bits & r.classes) = r.classes & :plain_classes
order by r.id desc
limit 50

-- query: route_case
-- one
-- about: person_id bits recheck_at
-- internal: person_id
select c.id, c.number, c.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, a.bits, a.recheck_at
from case_file c
join access a on a.body_id = :viewer_body and a.person_id = c.person_id
join person p on p.id = c.person_id
where c.id = :case_id and c.body_id = :viewer_body

-- The categories that the viewer sees of a person: which situations there are.
-- query: route_categories
-- about: person_id bits recheck_at
-- internal: person_id classes
select g.person_id, g.category, g.until, g.classes, a.bits, a.recheck_at
from person_category g
join access a on a.body_id = :viewer_body and a.person_id = g.person_id
where g.person_id = :person
  and (a.bits & :role_bits & g.classes) = g.classes & :plain_classes
limit 50

-- ---- what goes when a route is destroyed ----

-- query: route_retained
-- for: rule
select r.id, r.person_id, r.case_id, c.closed_on as since, r.classes
from route r
join case_file c on c.id = r.case_id
where r.body_id = :body and c.state = 'closed' and c.closed_on < :before and r.id > :after
order by r.id
limit :rows

-- query: route_inputs_drop
-- for: write
delete from route_input where route_id = :route

-- query: route_offers_drop
-- for: write
delete from route_offer where route_id = :route

-- query: route_steps_drop
-- for: write
delete from route_step where route_id = :route

-- query: route_drop
-- for: write
delete from route where id = :route

-- query: route_step_rename
-- for: write
update route_step set step = :new, version = version + 1 where id = :id

-- ---- rehearsal: only counted ----

-- query: rehearsal_referrals
-- for: rule
-- scan: the referrals of a year, for a slow page of the coordinating body
select r.id, r.need, b.kind, r.state, r.result, r.sent_on, r.due_on, r.answered_on, r.finished_on, r.classes
from referral r
join body b on b.id = r.to_body_id
where r.sent_on >= :from and r.sent_on < :until
order by r.id

-- query: rehearsal_cases
-- for: rule
-- scan: the cases of a year, for a slow page of the coordinating body
select c.id, p.district_id, g.category, g.classes
from case_file c
join person p on p.id = c.person_id
join person_category g on g.person_id = c.person_id
where c.opened_on >= :from and c.opened_on < :until and g.category = :situation
order by c.id
