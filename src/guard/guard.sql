-- Statements of the guard floor. Rules read plain values; nothing here is shown on a page but the demo's sign-in list.

-- Packs: the version that the register holds; due: grants of the body are of older rules.
-- query: account_by_login
-- for: rule
-- maybe
-- column: packs int open
-- column: due int open
select c.id, c.login, c.name, c.role, c.body_id, c.unit_id, c.password, c.password_until, c.active, c.epoch, b.name as body_name, b.kind as body_kind,
       (select k.value from counter k where k.name = 'packs') as packs,
       (select count(*) from rule_work w where w.body_id = c.body_id) as due
from account c
join body b on b.id = c.body_id
where c.login = :login

-- query: account_by_id
-- for: rule
-- maybe
-- column: packs int open
-- column: due int open
select c.id, c.login, c.name, c.role, c.body_id, c.unit_id, c.password_until, c.active, c.epoch, b.name as body_name, b.kind as body_kind,
       (select k.value from counter k where k.name = 'packs') as packs,
       (select count(*) from rule_work w where w.body_id = c.body_id) as due
from account c
join body b on b.id = c.body_id
where c.id = :id

-- query: session_by_hash
-- for: rule
-- maybe
select s.id, s.account_id, s.csrf, s.created_at, s.seen_at, s.expires_at, s.confirmed_at, c.epoch
from session s
join account c on c.id = s.account_id
where s.secret_hash = :hash

-- query: session_seen
-- for: write
update session set seen_at = :now, expires_at = :expires where id = :id

-- query: session_end
-- for: write
delete from session where secret_hash = :hash

-- query: session_renew
-- for: write
update session set secret_hash = :hash, confirmed_at = :now where id = :id

-- query: session_of
-- for: rule
-- maybe
select s.id from session s where s.id = :id and s.account_id = :account

-- query: session_drop
-- for: write
delete from session where id = :id and account_id = :account

-- query: sessions_drop
-- for: write
delete from session where account_id = :account and id <> :kept

-- Live sessions of an account, for its owner and for who administers.
-- query: session_list
-- about: none
-- column: own int open
-- column: place text open "Address"
select s.id, s.created_at, s.seen_at, s.address as place, s.browser, s.way, case when s.id = :own then 1 else 0 end as own
from session s
where s.account_id = :account and s.expires_at > :now and s.created_at > :longest
order by s.id desc
limit 100

-- query: sessions_live
-- for: rule
select s.id
from session s
where s.account_id = :account and s.expires_at > :now and s.created_at > :longest
order by s.id desc

-- The sign-in before the one by which the viewer is here.
-- query: session_before
-- about: none
-- maybe
-- column: place text open
select s.before_at, s.before_from as place, s.before_failures, c.factor_reset_at
from session s
join account c on c.id = s.account_id
where s.id = :id and s.account_id = :viewer_account

-- query: factor_reset_read
-- for: write
update account set factor_reset_at = null where id = :id

-- query: sign_in_tries_drop
-- for: write
delete from sign_in_try where account_id = :account and (session_id is null or session_id <> :kept)

-- query: sign_in_try_drop
-- for: write
delete from sign_in_try where id = :id

-- query: sign_in_try_sweep
-- for: write
delete from sign_in_try where ends_at < :now

-- query: session_sweep
-- for: write
delete from session where expires_at < :now

-- query: account_signed_in
-- for: write
update account set signed_in_at = :now, signed_in_from = :address, failures = 0 where id = :id

-- query: account_last
-- for: rule
-- maybe
select c.signed_in_at, c.signed_in_from, c.failures from account c where c.id = :id

-- query: account_epoch
-- for: rule
-- maybe
select c.epoch from account c where c.id = :id and c.active = 1

-- query: account_epoch_next
-- for: write
update account set epoch = epoch + 1 where id = :id

-- query: account_failed
-- for: write
update account set failures = failures + 1 where login = :login

-- query: token_by_hash
-- for: rule
-- maybe
select t.id, t.account_id, t.used_at
from token t
where t.secret_hash = :hash and t.ended_at is null and t.until_at > :now

-- query: token_used
-- for: write
update token set used_at = :now where id = :id

-- Live tokens of an account, for its owner and for who administers.
-- query: token_list
-- about: none
select t.id, t.name, t.created_at, t.until_at, t.used_at
from token t
where t.account_id = :account and t.ended_at is null and t.until_at > :now
order by t.id desc
limit 100

-- query: token_of
-- for: rule
-- maybe
select t.id from token t where t.id = :id and t.account_id = :account and t.ended_at is null

-- query: token_end
-- for: write
update token set ended_at = :now where id = :id

-- query: tokens_end
-- for: write
update token set ended_at = :now where account_id = :account and ended_at is null

-- query: tokens_term
-- for: write
update token set until_at = :until where until_at is null and ended_at is null

-- query: sign_in_delay_get
-- for: rule
-- maybe
select d.failures, d.until
from sign_in_delay d
where d.key = :key

-- query: sign_in_delay_hold
-- for: write
insert into sign_in_delay (key, failures, until) values (:key, 0, :now)
on conflict (key) do update set failures = sign_in_delay.failures

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

-- query: nodes
-- for: rule
select s.name, s.value from setting s where s.name >= 'node.' and s.name < 'node/' order by s.name limit 50

-- query: log_event_from
-- for: rule
-- maybe
select e.id, e.at from event e where e.id >= :id order by e.id limit 1

-- query: event_newest
-- for: rule
-- one
-- column: at instant open
select max(e.at) as at from event e where e.id = (select max(x.id) from event x)

-- query: account_passwords
-- for: rule
-- scan: the oldest accounts
select c.login, c.password from account c where c.active = 1 and c.password is not null order by c.id limit 40

-- Accounts at work that have no second factor, by role.
-- query: accounts_bare
-- for: rule
-- column: n int open
-- scan: all accounts
select c.role, count(*) as n from account c
where c.active = 1 and not exists (select 1 from factor_totp t where t.account_id = c.id and t.made_at is not null)
  and not exists (select 1 from passkey p where p.account_id = c.id)
group by c.role
order by c.role

-- Accounts whose password opens now, by role.
-- query: accounts_entering
-- for: rule
-- column: n int open
-- scan: all accounts
select c.role, count(*) as n from account c
where c.active = 1 and c.password is not null and (c.password_until is null or c.password_until > :now)
group by c.role
order by c.role

-- query: packs_unverified
-- for: rule
-- one
-- column: n int open
-- scan: the packs
select count(*) as n from pack_entry p where p.verified = 0

-- query: log_heads
-- for: rule
-- one
-- column: events int open
-- column: events_sealed int open
-- column: reads int open
-- column: reads_sealed int open
select (select coalesce(max(e.id), 0) from event e) as events, (select coalesce(max(l.row_id), 0) from leaf l where l.log = 1) as events_sealed,
    (select coalesce(max(r.id), 0) from read r) as reads, (select coalesce(max(l.row_id), 0) from leaf l where l.log = 2) as reads_sealed

-- query: data_keys
-- for: rule
-- scan: a few keys
select k.number, k.master, k.wrapped, k.use_from
from data_key k
order by k.number

-- query: data_key_wrap
-- for: write
update data_key set master = :master, wrapped = :wrapped where number = :number

-- query: packs_now
-- for: rule
-- one
-- column: version int open
select max(k.value) as version from counter k where k.name = 'packs'

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
select g.fact, g.reason, g.cap, g.classes, g.until, b.kind, w.body_id as due
from access_grant g
join body b on b.id = g.body_id
left join rule_work w on w.body_id = g.body_id
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

-- query: grants_passing
-- for: rule
select g.id, g.person_id, g.fact, g.reason, g.cap, g.until
from access_grant g
where g.ref = :ref and g.ref_id = :ref_id and g.ended_at is null and g.body_id + 0 = :body -- plus: by the fact's index
  and (g.until is null or g.until > :now)

-- query: grant_stop
-- for: write
update access_grant set ended_at = :now where id = :id

-- query: access_row
-- for: rule
-- maybe
select a.bits, a.recheck_at, w.body_id as due
from access a
left join rule_work w on w.body_id = a.body_id
where a.body_id = :body and a.person_id = :person

-- Another change of the same row waits, and then sees the grants as they have become.
-- query: access_hold
-- for: write
update access set bits = bits where body_id = :body and person_id = :person

-- query: access_put
-- for: write
insert into access (body_id, person_id, bits, recheck_at, name_key)
select :body, p.id, :bits, :recheck_at, p.name_key from person p where p.id = :person
on conflict (body_id, person_id)
do update set bits = excluded.bits, recheck_at = excluded.recheck_at, name_key = excluded.name_key

-- query: access_drop
-- for: write
delete from access where body_id = :body and person_id = :person

-- query: person_joined
-- for: rule
-- maybe
select p.merged_into from person p where p.id = :id and p.merged_into is not null

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
select g.body_id, g.person_id, g.classes, g.until, w.body_id as due
from access_grant g
left join rule_work w on w.body_id = g.body_id
where g.ended_at is null
order by g.person_id, g.body_id

-- query: body_kind_of
-- for: rule
-- maybe
select b.kind from body b where b.id = :id

-- Changed rules: bodies of a kind (*: of all kinds) are worked off anew.

-- query: rule_work_kind
-- for: write
insert into rule_work (body_id, person_at)
select b.id, 0 from body b where b.kind = :kind or :kind = '*'
on conflict (body_id) do update set person_at = 0

-- query: rule_work_body
-- for: write
insert into rule_work (body_id, person_at) values (:body, 0)
on conflict (body_id) do update set person_at = 0

-- query: rule_work_next
-- for: rule
-- maybe
select w.body_id, w.person_at, b.kind
from rule_work w
join body b on b.id = w.body_id
order by w.body_id
limit 1

-- query: rule_work_at
-- for: write
update rule_work set person_at = :person where body_id = :body

-- query: rule_work_done
-- for: write
delete from rule_work where body_id = :body

-- query: rule_work_grants
-- for: rule
select g.id, g.person_id, g.fact, g.reason, g.cap, g.classes, g.until, a.bits, a.recheck_at
from access_grant g
left join access a on a.body_id = g.body_id and a.person_id = g.person_id
where g.body_id = :body and g.person_id > :after and g.ended_at is null
order by g.person_id
limit :rows

-- query: grant_classes_put
-- for: write
update access_grant set classes = :classes where id = :id

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

-- query: sign_in_log_first
-- for: rule
select l.id from sign_in_log l where l.at < :before order by l.at, l.id limit :rows

-- query: read_person_put
-- for: write
insert into read_person (person_id, read_id) values (:person, :read)
on conflict (person_id, read_id) do nothing

-- Events of a person whose history holds something still, of a row or of anything.
-- query: history_events
-- for: rule
select e.id, h.changed
from event e
join history h on h.event_id = e.id
where e.person_id in (select l.id from person l where l.id = :person or l.merged_into = :person) and h.changed like '{%'
  and h.changed like :mark                 --? mark
order by e.id

-- Events about objects of a table, of no person, whose history holds something still.
-- query: history_events_of
-- for: rule
select e.id, e.object_id, h.changed
from event e
join history h on h.event_id = e.id
where e.person_id is null and e.id >= :first and e.object = :object and e.object_id >= :from and e.object_id <= :to and h.changed like '{%'
order by e.id

-- query: history_empty
-- for: write
update history set salt = :salt, changed = :blanks where event_id = :event

-- query: read_person_drop
-- for: write
delete from read_person where person_id = :person and read_id = :read

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

-- How the live restriction of a person stands to a body and an account of it.
-- query: restriction_for
-- for: rule
-- maybe
-- column: named int open
-- column: whole int open
-- column: mine int open
select x.id,
       (select count(*) from restriction_viewer n where n.person_id = x.person_id and n.body_id = :body) as named,
       (select count(*) from restriction_viewer n
        where n.person_id = x.person_id and n.body_id = :body and n.account_id is null) as whole,
       (select count(*) from restriction_viewer n
        where n.person_id = x.person_id and n.body_id = :body and n.account_id = :account) as mine
from restriction x
where x.person_id = :person and x.ended_at is null

-- query: restricted_viewers
-- for: rule
-- scan: bereg check; restricted persons are few
select n.person_id, n.body_id, n.account_id from restriction_viewer n order by n.person_id

-- query: restrictions_over
-- for: rule
select x.id, x.person_id from restriction x where x.until < :today and x.ended_at is null order by x.until limit 100

-- query: restriction_stop
-- for: write
update restriction set ended_at = :now, ended_account_id = :account, version = version + 1 where id = :id and ended_at is null

-- query: restrictions_forget
-- for: write
delete from restriction where person_id = :person and ended_at is not null

-- query: restriction_viewers_drop
-- for: write
delete from restriction_viewer where restriction_id = :restriction

-- Rows that a grant made at the same moment has left open.
-- query: restricted_strays
-- for: rule
-- scan: restricted persons are few
select a.body_id, a.person_id
from restriction x
join access a on a.person_id = x.person_id
where x.ended_at is null
  and not exists (select n.id from restriction_viewer n where n.person_id = x.person_id and n.body_id = a.body_id
                  and (n.account_id is null or a.bits >= 1073741824))
