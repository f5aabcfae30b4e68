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
  and (c.name like :words or c.login like :login_words)  --? words
order by {order}
limit :limit

-- query: account_card
-- about: none
-- one
-- column: body_name text open "Body"
select c.id, c.version, c.login, c.name, c.role, c.post, c.body_id, b.name as body_name, c.active, c.created_at,
       c.signed_in_at
from account c
join body b on b.id = c.body_id
where c.id = :id

-- query: account_facts
-- for: rule
-- maybe
select c.id, c.version, c.login, c.name, c.role, c.body_id, c.active
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
update account set password = :hash, version = version + 1 where id = :id

-- query: account_sessions_end
-- for: write
delete from session where account_id = :account

-- query: account_tokens_end
-- for: write
update token set ended_at = :now where account_id = :account and ended_at is null
