-- query: crosscheck_list
-- about: none
-- discloses: account body_id
-- internal: body_id
-- sort:  newest = x.id desc
-- page:  50
select x.id, x.code, x.side, x.state, x.partner, x.found, x.created_at, x.finished_at, x.body_id, c.name as account {keys}
from crosscheck x
join account c on c.id = x.account_id
where x.body_id = :viewer_body
  and {after}
order by {order}
limit :limit

-- query: crosscheck_card
-- one
-- about: none
-- discloses: account body_id
-- internal: body_id
select x.id, x.version, x.code, x.side, x.state, x.partner, x.basis, x.words, x.by_snils, x.by_iin, x.by_name, x.keys_own,
       x.keys_other, x.found, x.created_at, x.finished_at, x.body_id, c.name as account
from crosscheck x
join account c on c.id = x.account_id
where x.id = :id and x.body_id = :viewer_body

-- Those whom the body no longer sees are not shown.
-- query: crosscheck_found
-- about: person_id bits recheck_at
-- uses:  identity
-- sort:  name = a.name_key, a.person_id
-- page:  50
select p.id as person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, m.key, a.bits, a.recheck_at {keys}
from access a
cross join person p
cross join crosscheck_match m
where a.body_id = :viewer_body and p.id = a.person_id and m.person_id = a.person_id and m.crosscheck_id = :crosscheck
  and (a.bits & :uses) = :uses
  and {after}
order by {order}
limit :limit

-- Statements of rules.

-- query: crosscheck_facts
-- for: rule
-- maybe
select x.id, x.version, x.code, x.side, x.state, x.by_snils, x.by_iin, x.by_name, x.secret, x.keys_own, x.keys_other, x.found_keys,
       x.basis
from crosscheck x
where x.id = :id and x.body_id = :viewer_body

-- query: crosscheck_by_code
-- for: rule
-- maybe
select x.id, x.body_id from crosscheck x where x.code = :code and x.side = :side

-- Whom the body knows and may name to another register: nobody whose access is in doubt, no restricted person.
-- query: crosscheck_persons
-- for: rule
select a.person_id, p.family_name, p.given_name, p.name_key, p.birth_date, p.snils, p.iin
from access a
join person p on p.id = a.person_id
where a.body_id = :viewer_body and a.person_id > :after and (a.bits & :identity) = :identity
  and (a.recheck_at is null or a.recheck_at > :now)
  and not exists (select x.id from restriction x where x.person_id = a.person_id and x.ended_at is null)
order by a.person_id
limit :rows

-- The person, or whose card his was joined with, if he may be named today.
-- query: crosscheck_person_now
-- for: rule
-- maybe
select a.person_id
from access a
where a.body_id = :viewer_body and a.person_id = coalesce((select p.merged_into from person p where p.id = :person), :person)
  and (a.bits & :identity) = :identity and (a.recheck_at is null or a.recheck_at > :now)
  and not exists (select x.id from restriction x where x.person_id = a.person_id and x.ended_at is null)

-- query: crosscheck_parts
-- for: rule
select e.id, e.part, e.lines
from crosscheck_part e
where e.crosscheck_id = :crosscheck and e.holds = :holds and e.part > :after
order by e.part
limit :rows

-- query: crosscheck_match_row
-- for: rule
-- maybe
select m.id from crosscheck_match m where m.crosscheck_id = :crosscheck and m.person_id = :person

-- query: crosscheck_end
-- for: write
update crosscheck set secret = null where id = :id

-- query: crosscheck_parts_drop
-- for: write
delete from crosscheck_part where crosscheck_id = :crosscheck and holds <> :but

-- query: crosscheck_match_retained
-- for: rule
-- column: case_id int open
-- column: classes int open
select m.id, m.person_id, null as case_id, m.created_at as since, null as classes
from crosscheck_match m
where m.body_id = :body and m.created_at < :before_at and m.id > :after
order by m.id
limit :rows
