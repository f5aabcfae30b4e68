-- Sealing of the logs, and its proofs: plain rows of the trees, which name nobody.

-- query: leaf_last
-- for: rule
-- maybe
select l.n, l.row_id from leaf l where l.log = :log order by l.n desc limit 1

-- query: leaf_range
-- for: rule
select l.n, l.row_id, l.hash
from leaf l
where l.log = :log and l.n >= :from and l.n < :to
order by l.n

-- query: leaf_next
-- for: rule
-- maybe
select l.n from leaf l where l.log = :log and l.n >= :from order by l.n limit 1

-- query: leaf_at
-- for: rule
-- maybe
select l.row_id from leaf l where l.log = :log and l.n = :n

-- query: leaf_rows_between
-- for: rule
select l.row_id
from leaf l
where l.log = :log and l.row_id > :after and l.row_id <= :to
order by l.row_id

-- query: leaf_of_row
-- for: rule
-- maybe
select l.n, l.hash from leaf l where l.log = :log and l.row_id = :row

-- query: leaf_tile_range
-- for: rule
select t.n, t.hash
from leaf_tile t
where t.log = :log and t.n >= :from and t.n < :to
order by t.n

-- Committed rows that have no leaf yet. PostgreSQL gives numbers before the commit, so these are not simply the last ones.
-- query: unsealed_events
-- for: rule
select e.id
from event e
where e.id > :after and not exists (select 1 from leaf l where l.log = 1 and l.row_id = e.id)
order by e.id
limit :rows

-- query: unsealed_reads
-- for: rule
select r.id
from read r
where r.id > :after and not exists (select 1 from leaf l where l.log = 2 and l.row_id = r.id)
order by r.id
limit :rows

-- query: event_numbers
-- for: rule
select e.id from event e where e.id > :after order by e.id limit :rows

-- query: read_numbers
-- for: rule
select r.id from read r where r.id > :after order by r.id limit :rows

-- query: event_last
-- for: rule
-- maybe
select e.id from event e order by e.id desc limit 1

-- query: log_head_last
-- for: rule
-- maybe
select h.id, h.at, h.event_n, h.event_root, h.read_n, h.read_root, h.key, h.signature
from log_head h
order by h.id desc
limit 1

-- How the logs stand: the first head, the last one given away, the last check that has ended, and what has been found since the last whole one.
-- query: log_state
-- for: rule
-- one
-- column: begun_at instant open
-- column: given_at instant open
-- column: checked_at instant open
-- column: faults int open
-- scan: a check a day
select (select min(h.at) from log_head h where h.id = (select min(x.id) from log_head x)) as begun_at,
       (select max(s.at) from log_head_sent s) as given_at,
       (select max(c.ended_at) from log_check c) as checked_at,
       (select coalesce(sum(c.faults), 0) from log_check c where c.id >= (select coalesce(max(w.id), 0) from log_check w where w.whole = 1)) as faults

-- Heads that the register itself remembers, as given away or as compared by a check, and that are no more: or another stands in their place,
-- which was signed at another time.
-- query: log_heads_gone
-- for: rule
-- column: head_id int open
-- column: at instant open
-- column: sent int open
-- scan: an audit
select g.head_id, g.at, g.sent
from (select s.head_id, s.at, s.head_at, 1 as sent from log_head_sent s
      union all
      select c.head_id, c.ended_at as at, c.head_at, 0 as sent from log_check c where c.head_id is not null) g
left join log_head h on h.id = g.head_id
where h.id is null or h.at <> g.head_at
order by g.at, g.head_id
limit :rows

-- From when on rows wait for their seal, and whether what is sealed has no signed head.
-- query: log_waits
-- for: rule
-- one
-- column: event_at instant open
-- column: read_at instant open
-- column: headless int open
select (select e.at from event e where e.id > (select coalesce(max(l.row_id), 0) from leaf l where l.log = 1) order by e.id limit 1) as event_at,
       (select r.at from read r where r.id > (select coalesce(max(l.row_id), 0) from leaf l where l.log = 2) order by r.id limit 1) as read_at,
       case when exists (select 1 from leaf l) and not exists (select 1 from log_head h) then 1 else 0 end as headless

-- query: log_head_one
-- for: rule
-- maybe
select h.id, h.at, h.event_n, h.event_root, h.read_n, h.read_root, h.key, h.signature
from log_head h
where h.id = :id

-- query: log_head_after
-- for: rule
select h.id, h.at, h.event_n, h.event_root, h.read_n, h.read_root, h.key, h.signature
from log_head h
where h.id > :after
order by h.id
limit :rows

-- The last page that retention has dropped: leaves of pages up to it stand without their rows.
-- query: reads_dropped
-- for: rule
-- one
-- column: row int open
-- scan: the audit reads the whole log anyway
select max(e.object_id) as row from event e where e.kind = 'retention.reads'

-- query: history_all
-- for: rule
-- scan: the audit compares every value
-- column: kept int open
select e.id, e.person_id, e.digest, h.event_id as kept, h.salt, h.changed
from event e
left join history h on h.event_id = e.id
where e.digest is not null
order by e.id

-- Cards that were joined once: rows of theirs were moved, and moved back, by notes instead of events. Of each joining the log tells.
-- query: persons_joined_ever
-- for: rule
-- scan: joinings are few
-- column: told int open
select m.id, m.kept_number, m.gone_number,
       case when exists (select 1 from event e where e.kind = 'person.merged' and e.object = 'person_merge' and e.object_id = m.id) then 1 else 0 end as told
from person_merge m

-- What lets values go: of a person, or of rows that belong to nobody.
-- query: destructions
-- for: rule
-- scan: the audit compares every value
-- column: last int open
select e.person_id, max(e.id) as last
from event e
where e.kind like 'retention.%' or e.kind = 'person.removed'
group by e.person_id
