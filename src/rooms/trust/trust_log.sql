-- The checks of the sealed logs, and the heads that were signed. Nothing of a person.

-- query: log_check_newest
-- for: rule
-- maybe
select c.id, c.ended_at, c.head_id
from log_check c
where c.id > 0
  and c.whole = :whole     --? whole
order by c.id desc
limit 1

-- How each log stands: made by trust_log_pages.c.
-- query: log_stand
-- about: none
-- column: log code open "Log" list=sealed_log
-- column: entries int open "Entries"
-- column: sealed int open "Sealed"
-- column: size int open "In the last signature"
-- column: root text open "Root"
select null as log, null as entries, null as sealed, null as size, null as root

-- query: log_check_list
-- about: none
-- column: asked text open "Asked by"
select c.id, c.whole, c.begun_at, c.ended_at, c.event_n, c.read_n, c.faults, a.login as asked
from log_check c
left join account a on a.id = c.asked_by
order by c.id desc
limit 5

-- What has been found since the last check of everything, that one included.
-- query: log_fault_list
-- about: none
-- column: found_at instant open "Found"
-- column: to_row int open "Entries to"
-- scan: as a rule there are none
-- sort:  newest = f.id desc
-- page:  50
select f.id, f.kind, f.log, f.from_row, case when f.to_row > f.from_row then f.to_row end as to_row, f.head_at, c.ended_at as found_at {keys}
from log_fault f
join log_check c on c.id = f.check_id
where f.check_id >= (select coalesce(max(w.id), 0) from log_check w where w.whole = 1)
  and {after}
order by {order}
limit :limit

-- query: log_head_list
-- about: none
-- column: sent_at instant open "Given to another place"
-- sort:  newest = h.id desc
-- page:  25
select h.id, h.at, h.event_n, h.event_root, h.read_n, h.read_root, (select min(s.at) from log_head_sent s where s.head_id = h.id) as sent_at {keys}
from log_head h
where {after}
  and h.id in (select s.head_id from log_head_sent s) and :sent = 1     --? sent
order by {order}
limit :limit

-- Entries behind the last sealed one.
-- query: log_waiting
-- for: rule
-- one
-- column: events int open
-- column: reads int open
-- scan: what was written in the last seconds
select (select count(*) from event e where e.id > (select coalesce(max(l.row_id), 0) from leaf l where l.log = 1)) as events,
       (select count(*) from read r where r.id > (select coalesce(max(l.row_id), 0) from leaf l where l.log = 2)) as reads
