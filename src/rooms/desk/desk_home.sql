-- The beginning of the day: lines with a number, made by desk_home.c. p1 to p3 and k1 to v3 are the pieces of `path`, for the address.

-- query: home_line
-- about: none
-- internal: p1 p2 p3 k1 v1 k2 v2 k3 v3
-- column: name text open
-- column: n int open "Number"
-- column: words text open "To be done"
-- column: level text open
-- column: path text open
-- column: p1 text open
-- column: p2 text open
-- column: p3 text open
-- column: k1 text open
-- column: v1 text open
-- column: k2 text open
-- column: v2 text open
-- column: k3 text open
-- column: v3 text open
select null as name, null as n, null as words, null as level, null as path, null as p1, null as p2, null as p3, null as k1, null as v1,
       null as k2, null as v2, null as k3, null as v3

-- What is not as it should be in the program itself; the rows are made by desk_system.c.
-- query: system_row
-- about: none
-- column: what text open "Not in order"
-- column: at instant open "When"
-- column: day date open "Day"
-- column: state text open "State"
-- column: words text open "What went wrong"
select null as what, null as at, null as day, null as state, null as words

-- query: reminders_failed
-- for: rule
-- scan: what was not sent is a few rows
select r.day, r.state, r.error, c.login
from reminder r
join account c on c.id = r.account_id
where r.state in ('failed', 'unknown') and r.day >= :from
order by r.id desc
limit 100

-- Lists that somebody brought and that do not go on: their state is one of work, and the log has no trace of them since.
-- query: imports_stopped
-- for: rule
-- scan: lists at work are a few
select i.id, i.list, i.file_name, i.state, i.created_at, b.name
from list_import i
join body b on b.id = i.body_id
where i.state in ('parsing', 'checking', 'applying', 'cancelling', 'loading') and i.created_at < :before
  and not exists (select e.id from event e where e.id >= :first and (e.import_id = i.id or e.object = 'list_import' and e.object_id = i.id))
order by i.id
limit 100

-- query: rules_at_work
-- for: rule
-- scan: bodies whose rules have just changed
select b.name
from rule_work w
join body b on b.id = w.body_id
order by w.body_id
limit 100
