-- What is past its term, of the body that keeps it.

-- query: consent_retained
-- for: rule
-- column: case_id int open
-- column: since date open
select c.id, c.person_id, null as case_id, coalesce(c.withdrawn_on, c.until) as since, c.classes
from consent c
where c.body_id = :body and c.id > :after and coalesce(c.withdrawn_on, c.until) < :before
order by c.id
limit :rows

-- query: ask_retained
-- for: rule
-- column: case_id int open
-- column: since date open
select q.id, q.person_id, null as case_id, coalesce(q.until, q.answered_on) as since, q.classes
from access_ask q
where q.from_body_id = :body and q.id > :after and q.state <> 'asked' and coalesce(q.until, q.answered_on) < :before
order by q.id
limit :rows

-- query: emergency_retained
-- for: rule
-- column: case_id int open
-- column: classes int open
select e.id, e.person_id, null as case_id, e.reviewed_on as since, null as classes
from emergency e
where e.body_id = :body and e.id > :after and e.review <> 'waiting' and e.reviewed_on < :before
order by e.id
limit :rows

-- Holds.

-- query: hold_live
-- for: rule
-- maybe
select h.id
from retention_hold h
where h.person_id = :person and h.body_id = :body and h.lifted_on is null and (h.until is null or h.until >= :today)
limit 1

-- query: hold_of_case
-- for: rule
-- maybe
select h.id
from retention_hold h
where h.case_number = :case_id and h.lifted_on is null and (h.until is null or h.until >= :today)
limit 1

-- query: hold_facts
-- for: rule
-- maybe
select h.case_number, h.person_id, h.body_id, h.lifted_on from retention_hold h where h.id = :id

-- query: holds_of_case
-- about: person_id bits recheck_at
-- column: placed_by text open "Placed by"
-- column: live int open
-- internal: person_id account_body
-- discloses: placed_by account_body
select h.id, h.version, h.person_id, h.reason, h.paper, h.placed_on, h.until, h.lifted_on, c.body_id as account_body, c.name as placed_by,
       case when h.lifted_on is null and (h.until is null or h.until >= :today) then 1 else 0 end as live, a.bits, a.recheck_at
from retention_hold h
join access a on a.body_id = :viewer_body and a.person_id = h.person_id
join account c on c.id = h.account_id
where h.case_number = :case_id and h.body_id = :viewer_body
order by h.id desc
limit 50

-- query: hold_list
-- about: person_id bits recheck_at
-- uses:  identity
-- column: case_number int open "Case, number in the register"
-- internal: person_id
-- sort:  newest = h.id desc
-- page:  50
select h.id, h.version, h.case_number, h.person_id, p.family_name, p.given_name, p.patronymic, h.reason, h.paper, h.placed_on, h.until,
       a.bits, a.recheck_at {keys}
from retention_hold h
join access a on a.body_id = :viewer_body and a.person_id = h.person_id
join person p on p.id = h.person_id
where h.body_id = :viewer_body and (a.bits & :uses) = :uses and h.lifted_on is null and (h.until is null or h.until >= :today)
  and {after}
order by {order}
limit :limit

-- What is due, and the acts. Rows of kinds are made by trust_retention_pages.c.

-- query: due_kind
-- about: none
-- column: kind code open "Kind of document" list=retention
-- column: runs_from code open "Term runs from" list=retention_after
-- column: years int open
-- column: months int open
-- column: days int open
-- column: act text open "Source act"
-- column: verified int open
-- column: of_class text open "Data"
-- column: due int open "Due"
-- column: held int open "Held"
-- column: more int open
select null as kind, null as runs_from, null as years, null as months, null as days, null as act, null as verified,
       null as of_class, null as due, null as held, null as more

-- query: due_person
-- about: person_id bits recheck_at
-- column: number int open "Number in the register"
-- column: since date open "Term began on"
-- column: state text open "State"
select null as number, null as since, null as state, p.id as person_id, p.family_name, p.given_name, p.patronymic,
       a.bits, a.recheck_at
from access a
join person p on p.id = a.person_id
where a.body_id = :viewer_body and a.person_id = :person

-- query: act_list
-- about: none
-- column: prepared_by text open "Prepared by"
-- sort:  newest = t.id desc
-- page:  50
select t.id, t.number, t.state, t.prepared_on, t.confirmed_on, t.done_on, c.name as prepared_by {keys}
from retention_act t
join account c on c.id = t.account_id
where t.body_id = :viewer_body
  and t.state = :state                     --? state
  and {after}
order by {order}
limit :limit

-- Of all bodies, for the auditor: no row of an act and nobody's number.
-- query: act_control
-- about: none
-- column: body text open "Body"
-- column: destroyed int open "Destroyed"
-- scan: acts are a few of a body and year
-- sort:  newest = t.id desc
-- page:  50
select t.id, t.number, b.name as body, t.state, t.prepared_on, t.confirmed_on, t.done_on,
       (select sum(k.destroyed) from retention_act_kind k where k.act_id = t.id) as destroyed {keys}
from retention_act t
join body b on b.id = t.body_id
where {after}
  and t.state = :state     --? state
  and t.done_on >= :done                       --? done
order by {order}
limit :limit

-- query: act_card
-- one
-- about: none
-- column: body text open
-- column: address text open
-- column: prepared_by text open "Prepared by"
-- column: prepared_post text open
-- column: confirmed_name text open "Confirmed by"
-- column: confirmed_post text open
select t.id, t.version, t.number, t.state, t.prepared_on, t.commission, t.method, t.ground, t.confirmed_on, t.done_on,
       t.account_id, b.name as body, b.address, c.name as prepared_by, c.post as prepared_post, f.name as confirmed_name,
       f.post as confirmed_post
from retention_act t
join body b on b.id = t.body_id
join account c on c.id = t.account_id
left join account f on f.id = t.confirmed_by
where t.id = :id and t.body_id = :viewer_body

-- query: act_kind_list
-- about: none
select k.kind, k.day, k.destroyed, k.kept
from retention_act_kind k
join retention_act t on t.id = k.act_id
where k.act_id = :act and t.body_id = :viewer_body
order by k.id
limit 100

-- query: act_row_list
-- about: none
-- sort:  number = r.id
-- page:  100
select r.id, r.kind, r.row_number, r.person_number, r.at {keys}
from retention_row r
join retention_act t on t.id = r.act_id
where r.act_id = :act and t.body_id = :viewer_body
  and {after}
order by {order}
limit :limit

-- query: act_persons
-- about: none
select distinct r.person_number
from retention_row r
join retention_act t on t.id = r.act_id
where r.act_id = :act and t.body_id = :viewer_body and r.person_number is not null
order by r.person_number
limit 1000

-- query: act_open
-- for: rule
-- maybe
select t.id from retention_act t where t.body_id = :viewer_body and t.state in ('prepared', 'destroying') limit 1

-- query: act_facts
-- for: rule
-- maybe
select t.body_id, t.account_id, t.state from retention_act t where t.id = :id

-- query: act_kinds_plain
-- for: rule
select k.id, k.kind, k.day from retention_act_kind k where k.act_id = :act order by k.id

-- query: acts_confirmed
-- for: rule
select t.id, t.body_id from retention_act t where t.state = 'destroying' order by t.id

-- query: act_kind_count
-- for: write
update retention_act_kind set destroyed = destroyed + :more where id = :id

-- query: act_kind_kept
-- for: write
update retention_act_kind set kept = :kept where id = :id

-- query: rule_law
-- about: none
-- column: law text open "Law"
-- column: act text open
-- column: unverified int open
-- column: categories text open "Categories"
-- column: kinds text open "Kinds of bodies"
-- column: opens text open "Opens"
select null as law, null as act, null as unverified, null as categories, null as kinds, null as opens

-- query: rule_never
-- about: none
-- column: body_kind text open "Kind of body"
-- column: never text open "Never opened"
select null as body_kind, null as never
