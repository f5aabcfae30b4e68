-- Statements of the guard floor. Rules read plain values; nothing here is shown on a page but the demo's sign-in list.

-- query: account_by_login
-- for: rule
-- maybe
select c.id, c.login, c.name, c.role, c.body_id, c.password, c.active, b.name as body_name, b.kind as body_kind
from account c
join body b on b.id = c.body_id
where c.login = :login

-- query: account_by_id
-- for: rule
-- maybe
select c.id, c.login, c.name, c.role, c.body_id, c.active, b.name as body_name, b.kind as body_kind
from account c
join body b on b.id = c.body_id
where c.id = :id

-- query: session_by_hash
-- for: rule
-- maybe
select s.id, s.account_id, s.csrf, s.created_at, s.seen_at, s.expires_at
from session s
where s.secret_hash = :hash

-- query: session_seen
-- for: write
update session set seen_at = :now, expires_at = :expires where id = :id

-- query: session_end
-- for: write
delete from session where secret_hash = :hash

-- query: session_sweep
-- for: write
delete from session where expires_at < :now

-- query: account_signed_in
-- for: write
update account set signed_in_at = :now where id = :id

-- query: token_by_hash
-- for: rule
-- maybe
select t.id, t.account_id
from token t
where t.secret_hash = :hash and t.ended_at is null

-- query: sign_in_delay_get
-- for: rule
-- maybe
select d.failures, d.until
from sign_in_delay d
where d.key = :key

-- query: sign_in_delay_put
-- for: write
insert into sign_in_delay (key, failures, until) values (:key, :failures, :until)
on conflict (key) do update set failures = excluded.failures, until = excluded.until

-- query: sign_in_delay_clear
-- for: write
delete from sign_in_delay where key = :key

-- query: sign_in_delay_sweep
-- for: write
delete from sign_in_delay where until < :before

-- query: idempotency_get
-- for: rule
-- maybe
select i.body_hash, i.location
from idempotency i
where i.account_id = :account and i.route = :route and i.key = :key

-- query: idempotency_put
-- for: write
insert into idempotency (account_id, route, key, body_hash, location, created_at)
values (:account, :route, :key, :body_hash, :location, :now)

-- query: idempotency_sweep
-- for: write
delete from idempotency where created_at < :before

-- query: setting_get
-- for: rule
-- maybe
select s.value from setting s where s.name = :name

-- query: setting_put
-- for: write
insert into setting (name, value) values (:name, :value)
on conflict (name) do update set value = excluded.value

-- query: setting_first
-- for: write
insert into setting (name, value) values (:name, :value)
on conflict (name) do nothing

-- query: counter_bump
-- for: write
insert into counter (name, value) values (:name, 1)
on conflict (name) do update set value = counter.value + 1

-- query: counter_get
-- for: rule
-- one
select c.value from counter c where c.name = :name

-- query: grants_live
-- for: rule
select g.classes, g.until
from access_grant g
where g.person_id = :person and g.body_id = :body and g.ended_at is null and (g.until is null or g.until > :now)

-- query: grant_bodies
-- for: rule
select distinct g.body_id
from access_grant g
where g.person_id = :person

-- query: grants_of_fact
-- for: rule
select g.id, g.body_id
from access_grant g
where g.ref = :ref and g.ref_id = :ref_id and g.ended_at is null
  and g.person_id = :person
  and g.body_id = :body           --? body

-- query: grant_stop
-- for: write
update access_grant set ended_at = :now where id = :id

-- query: access_row
-- for: rule
-- maybe
select a.bits, a.recheck_at
from access a
where a.body_id = :body and a.person_id = :person

-- query: access_put
-- for: write
insert into access (body_id, person_id, bits, recheck_at, name_key)
select :body, p.id, :bits, :recheck_at, p.name_key from person p where p.id = :person
on conflict (body_id, person_id)
do update set bits = excluded.bits, recheck_at = excluded.recheck_at, name_key = excluded.name_key

-- query: access_drop
-- for: write
delete from access where body_id = :body and person_id = :person

-- query: access_forget_rows
-- for: write
delete from access where person_id = :person

-- query: grants_forget
-- for: write
delete from access_grant where person_id = :person

-- query: access_due
-- for: rule
select a.body_id, a.person_id
from access a
where a.recheck_at <= :now
limit 1000

-- query: access_all
-- for: rule
-- scan: bereg check compares the whole table
select a.body_id, a.person_id, a.bits, a.recheck_at
from access a
order by a.person_id, a.body_id

-- query: grants_all
-- for: rule
-- scan: bereg check compares the whole table
select g.body_id, g.person_id, g.classes, g.until
from access_grant g
where g.ended_at is null
order by g.person_id, g.body_id

-- query: bodies_disclosing
-- for: rule
-- scan: a few bodies of a region
select b.id, b.discloses
from body b
where b.discloses <> 0
order by b.id

-- query: read_last
-- for: rule
-- maybe
select r.id from read r order by r.id desc limit 1

-- query: read_after
-- for: rule
select r.id, r.at, r.persons
from read r
where r.id > :id
order by r.id
limit :rows

-- query: read_person_put
-- for: write
insert into read_person (person_id, read_id) values (:person, :read)
on conflict (person_id, read_id) do nothing

-- query: demo_accounts
-- about: none
-- discloses: name body_id
-- discloses: body_name body_id
-- scan: the demo's sign-in page: one account of each role
select c.login, c.name, c.role, c.body_id, b.name as body_name
from account c
join body b on b.id = c.body_id
where c.active = 1 and c.id in (select min(m.id) from account m where m.active = 1 group by m.role)
order by c.role

-- query: users_list
-- for: rule
-- scan: the command line's list of accounts
select c.login, c.role, b.name as body_name, c.name
from account c
join body b on b.id = c.body_id
where c.active = 1
order by c.login
