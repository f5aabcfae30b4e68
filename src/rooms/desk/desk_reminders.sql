-- Reminders: the outbox and what its jobs need; the calendar feed.

-- Who is to get a mail of today and has none in the outbox, nor one of a later day: a clock that is set back repeats nothing.
-- query: reminders_missing
-- for: rule
select c.id
from account c
where c.email is not null and c.active = 1 and c.reminders = 1
  and not exists (select x.id from reminder x where x.account_id = c.id and x.kind = :kind and x.day >= :today)
limit 200

-- query: reminder_put
-- for: write
insert into reminder (account_id, kind, day, state, tries, next_at)
values (:account, :kind, :today, 'waiting', 0, :now)
on conflict (account_id, kind, day) do nothing

-- query: reminder_next
-- for: rule
-- maybe
select r.id
from reminder r
where r.state = 'waiting' and r.next_at <= :now
order by r.next_at, r.id
limit 1

-- query: reminder_claim
-- for: write
update reminder set state = 'sending', claim = :claim, claimed_at = :now, tries = tries + 1
where id = :id and state = 'waiting'

-- query: reminder_facts
-- for: rule
-- maybe
select r.account_id, r.kind, r.day, r.state, r.tries, r.claim, c.login, c.email, c.reminders, c.active
from reminder r
join account c on c.id = r.account_id
where r.id = :id

-- query: reminder_end
-- for: write
update reminder set state = :state, error = :error, sent_at = :sent, next_at = :next
where id = :id and claim = :claim and state = 'sending'

-- What a node took and never told the end of: it may have been sent, and is not sent again. What waited past its day is not sent.
-- query: reminders_unsettled
-- for: rule
-- maybe
select r.id
from reminder r
where (r.state = 'sending' and r.claimed_at < :before) or (r.state = 'waiting' and r.day < :today) or r.day < :keep_from
limit 1

-- query: reminders_lost
-- for: write
update reminder set state = 'unknown' where state = 'sending' and claimed_at < :before

-- query: reminders_stale
-- for: write
update reminder set state = 'dropped' where state = 'waiting' and day < :today

-- query: reminders_forget
-- for: write
delete from reminder where day < :keep_from and state <> 'sending'

-- query: reminders_own
-- about: none
select r.id, r.day, r.state, r.sent_at
from reminder r
where r.account_id = :viewer_account
order by r.id desc
limit 7

-- query: reminder_settings
-- about: none
-- one
-- column: feed_made instant open
select c.email, c.reminders, f.created_at as feed_made
from account c
left join feed f on f.account_id = c.id
where c.id = :viewer_account

-- query: reminders_set
-- for: write
update account set reminders = :on where id = :id

-- query: feed_put
-- for: write
insert into feed (account_id, secret_hash, created_at) values (:account, :hash, :now)
on conflict (account_id) do update set secret_hash = excluded.secret_hash, created_at = excluded.created_at

-- query: feed_drop
-- for: write
delete from feed where account_id = :account

-- query: feed_of_secret
-- for: rule
-- maybe
select c.login
from feed f
join account c on c.id = f.account_id
where f.secret_hash = :hash and c.active = 1
