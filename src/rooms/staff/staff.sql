-- Accounts of people who work in bodies. They tell nothing about persons.

-- query: account_list
-- about: none
-- sort: login = c.login, c.id ; name! = c.name, c.id
-- page: 50
-- column: body_name text open "Body"
select c.id, c.login, c.name, c.role, c.post, b.name as body_name, c.active, c.signed_in_at {keys}
from account c
join body b on b.id = c.body_id
where {after}
  and c.role = :role                                     --? role
  and c.body_id = :body                                  --? body
  and c.active = 1 and c.signed_in_at is null and c.created_at < :unused    --? unused
  and c.active = 1 and exists (select x.id from absence x where x.account_id = c.id and x.since <= :today and x.until >= :today and x.cancelled = 0 and x.substitute_id is null) --? uncovered
  and (c.name like :words or c.login like :login_words)  --? words
order by {order}
limit :limit

-- query: account_card
-- about: none
-- one
-- column: body_name text open "Body"
select c.id, c.version, c.login, c.name, c.role, c.post, c.email, c.settlement, c.street, c.body_id, b.name as body_name, c.active,
       c.created_at, c.signed_in_at
from account c
join body b on b.id = c.body_id
where c.id = :id

-- query: account_facts
-- for: rule
-- maybe
select c.id, c.version, c.login, c.name, c.role, c.body_id, c.unit_id, c.active
from account c
where c.id = :id

-- query: account_of_login
-- for: rule
-- maybe
select c.id
from account c
where c.login = :login

-- query: account_password_set
-- for: write
update account set password = :hash, password_until = :until, version = version + 1 where id = :id

-- Workers of a body, each with the absence of today. Loads are counted by the page.
-- query: worker_list
-- about: none
-- page: 50
-- sort: login = c.login, c.id
-- column: unit text open "Unit"
-- column: away_until date open "Absent until"
-- column: away_kind code open "Kind of absence" list=absence_kind
-- column: substitute text open "Who stands in"
-- column: cases int open "Open cases"
-- column: programmes int open "Programmes"
-- column: referrals int open "Referrals"
select c.id, c.login, c.name, c.post, c.role, u.name as unit, x.until as away_until, x.kind as away_kind,
       s.name as substitute, null as cases, null as programmes, null as referrals {keys}
from account c
left join unit u on u.id = c.unit_id
left join absence x on x.account_id = c.id and x.since <= :today and x.until >= :today and x.cancelled = 0
left join account s on s.id = x.substitute_id
where c.body_id = :body and c.active = 1
  and {after}
order by {order}
limit :limit

-- All of them, for choosing who takes over.
-- query: takers
-- about: none
-- internal: role
-- column: cases int open
-- column: programmes int open
-- column: referrals int open
-- column: was_cases int open
-- column: was_programmes int open
-- column: was_referrals int open
select c.id, c.name, c.post, c.role, null as cases, null as programmes, null as referrals,
       null as was_cases, null as was_programmes, null as was_referrals
from account c
where c.body_id = :body and c.active = 1
order by c.login

-- query: heads_dropped
-- for: write
update body set head_account_id = null where head_account_id = :account

-- query: unit_heads_dropped
-- for: write
update unit set head_account_id = null where head_account_id = :account

-- query: account_out_of_unit
-- for: write
update account set unit_id = null where id = :id

-- The auditor's log of sign-ins.
-- query: sign_in_log_list
-- about: none
-- scan: the newest first, the filters drop rows
-- sort: newest = l.id desc
-- page: 50
-- column: login text open "Account"
select l.id, l.at, c.login, l.way, l.good, l.origin {keys}
from sign_in_log l
left join account c on c.id = l.account_id
where {after}
  and l.good = :good                  --? good
  and l.origin = :origin              --? origin
  and c.login = :login                --? login
order by {order}
limit :limit

-- From where the most accounts were tried: spraying shows here.
-- query: sign_in_origins
-- for: count
-- scan: the failed tries of some days
-- column: tries int open "Failed tries"
-- column: accounts int open "Accounts tried"
-- column: strangers int open "Tries at logins of nobody"
select l.origin, count(*) as tries, count(distinct l.account_id) as accounts, count(*) - count(l.account_id) as strangers
from sign_in_log l
where l.at >= :since and l.good = 0
group by l.origin
order by count(distinct l.account_id) desc, count(*) desc, l.origin
limit 20
