-- Second factors, passkeys, accounts of providers, and steps of sign-ins.

-- query: factors_get
-- for: rule
-- one
-- column: totp int open
-- column: passkeys int open
-- column: codes int open
select (select count(*) from factor_totp t where t.account_id = c.id and t.made_at is not null) as totp,
       (select count(*) from passkey p where p.account_id = c.id) as passkeys,
       (select count(*) from factor_recovery r where r.account_id = c.id and r.used_at is null) as codes
from account c
where c.id = :account

-- query: sign_in_try_get
-- for: rule
-- maybe
select t.id, t.what, t.account_id, t.session_id, t.way, t.provider, t.next, t.failures, t.ends_at, t.epoch
from sign_in_try t
where t.secret_hash = :hash

-- query: sign_in_try_hold
-- for: write
update sign_in_try set failures = failures where id = :id

-- query: sign_in_try_failed
-- for: write
update sign_in_try set failures = failures + 1 where id = :id

-- query: totp_get
-- for: rule
-- maybe
select t.secret, t.pending, t.step, t.made_at, t.used_at
from factor_totp t
where t.account_id = :account

-- query: totp_pending
-- for: write
insert into factor_totp (account_id, pending, step) values (:account, :secret, 0)
on conflict (account_id) do update set pending = excluded.pending

-- query: totp_prove
-- for: write
update factor_totp set secret = :secret, pending = null, step = :step, made_at = :now, used_at = null where account_id = :account

-- query: totp_used
-- for: write
update factor_totp set step = :step, used_at = :now where account_id = :account

-- query: totp_drop
-- for: write
delete from factor_totp where account_id = :account

-- query: recovery_get
-- for: rule
-- maybe
select r.id, r.code_hash from factor_recovery r where r.account_id = :account and r.selector = :selector and r.used_at is null

-- query: recovery_used
-- for: write
update factor_recovery set used_at = :now where id = :id

-- query: recovery_forget
-- for: write
delete from factor_recovery where account_id = :account

-- query: passkey_find
-- for: rule
-- maybe
select p.id, p.account_id, p.public_key, p.algorithm, p.site, p.uses, c.epoch
from passkey p
join account c on c.id = p.account_id
where p.credential_hash = :hash

-- query: passkey_of
-- for: rule
-- maybe
select p.id, p.uses from passkey p where p.id = :id and p.account_id = :account

-- query: passkeys_of
-- for: rule
select p.id, p.credential from passkey p where p.account_id = :account order by p.id

-- query: passkey_list
-- about: none
select p.id, p.name, p.made_at, p.used_at
from passkey p
where p.account_id = :viewer_account
order by p.id

-- query: totp_own
-- about: none
-- maybe
select t.made_at, t.used_at from factor_totp t where t.account_id = :viewer_account and t.made_at is not null

-- query: link_list
-- about: none
-- internal: provider
-- column: label text open
select l.provider, null as label, l.made_at, l.used_at
from sign_in_link l
where l.account_id = :viewer_account
order by l.id

-- query: passkey_uses
-- for: write
update passkey set uses = :counted, used_at = :now where id = :id

-- query: passkey_drop
-- for: write
delete from passkey where id = :id and account_id = :account

-- query: passkeys_drop
-- for: write
delete from passkey where account_id = :account

-- query: link_get
-- for: rule
-- maybe
select l.id, l.account_id, c.epoch from sign_in_link l join account c on c.id = l.account_id where l.provider = :provider and l.subject_hash = :subject

-- query: link_own
-- for: rule
-- maybe
select l.id from sign_in_link l where l.account_id = :account and l.provider = :provider

-- query: link_used
-- for: write
update sign_in_link set used_at = :now where id = :id

-- query: link_drop
-- for: write
delete from sign_in_link where id = :id

-- query: links_drop
-- for: write
delete from sign_in_link where account_id = :account

-- query: factor_reset_told
-- for: write
update account set factor_reset_at = :now where id = :id

-- Filled by the page: of the providers that the packs name, whether the viewer has linked one, and a code to be written down.
-- query: provider_line
-- about: none
-- column: name text open
-- column: label text open
-- column: linked int open
select null as name, null as label, null as linked from setting s where s.name is null

-- query: code_line
-- about: none
-- column: code text open
select null as code from setting s where s.name is null
