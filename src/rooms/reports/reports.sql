-- The reader of the event log.

-- query: log_at_get
-- for: rule
-- maybe
select l.event_id from log_position l where l.reader = :reader

-- query: log_gaps
-- for: rule
-- scan: a few rows
select l.reader, l.event_id
from log_position l
where l.reader > :from and l.reader < :to

-- query: log_at_put
-- for: write
insert into log_position (reader, event_id) values (:reader, :event)
on conflict (reader) do update set event_id = excluded.event_id

-- One reader at a time.
-- query: log_at_hold
-- for: write
update log_position set event_id = event_id where reader = :reader

-- query: log_at_drop
-- for: write
delete from log_position where reader = :reader

-- query: log_last
-- for: rule
-- maybe
select e.id from event e order by e.id desc limit 1

-- How far the sums are: the last event counted, and what waits.
-- query: log_counted
-- for: rule
-- maybe
select e.at from event e where e.id <= :id order by e.id desc limit 1

-- query: log_behind
-- for: count
-- one
-- column: events int open
-- column: persons int open
select (select count(*) from (select e.id from event e where e.id > :id limit 100) x) as events,
       (select count(*) from (select d.person_id from served_due d limit 100) y) as persons

-- query: log_ids
-- for: rule
select e.id from event e where e.id >= :first and e.id <= :last order by e.id limit 10000

-- query: served_due_all
-- for: write
insert into served_due (person_id)
select p.id from person p where p.id > 0
on conflict (person_id) do nothing

-- query: served_due_events
-- for: write
insert into served_due (person_id)
select distinct e.person_id
from event e
where e.id >= :first and e.id <= :last and e.person_id is not null
  and (e.kind like 'service.%' or e.kind like 'category.%' or e.kind like 'person.%')
on conflict (person_id) do nothing

-- query: served_half_after
-- for: rule
-- maybe
select v.half from served v where v.half > :half order by v.half limit 1

-- Sums from before a category was stored sealed.
-- query: served_due_of
-- for: write
insert into served_due (person_id)
select v.person_id
from served v
where v.half = :half and v.category = :category
on conflict (person_id) do nothing

-- query: served_due_next
-- for: rule
select d.person_id from served_due d order by d.person_id limit :rows

-- query: served_drop
-- for: write
delete from served where person_id in (select d.person_id from served_due d where d.person_id <= :last)

-- A person counts in a category when a service has its date in the half-year and the category stood on that date. `cross join`
-- keeps SQLite to this order: from the few who are due.
-- query: served_add
-- for: write
insert into served (half, category, person_id, channel, services, classes)
select g.half, g.category, g.person_id, c.channel, g.services, 0
from (select half_year(s.day) as half, k.category, s.person_id, min(k.id) as first_id, count(*) as services
      from served_due d
      cross join service s
      cross join person_category k
      where d.person_id <= :last and s.person_id = d.person_id and k.person_id = d.person_id
        and (k.since is null or k.since <= s.day) and (k.until is null or k.until >= s.day)
        and not exists (select 1 from served_skip x where x.category_id = k.id)
      group by half_year(s.day), k.category, s.person_id) g
join person_category c on c.id = g.first_id

-- Categories that are stored under the cover of another one do not count as that other one; what they are is no row of
-- `served`, which would tell. The list of them does not outlive the change.
-- query: served_covered
-- for: rule
select k.id, k.category, k.classes
from served_due d
cross join person_category k
where d.person_id <= :last and k.person_id = d.person_id and k.category = :category

-- query: served_skip_add
-- for: write
insert into served_skip (category_id) values (:category)
on conflict (category_id) do nothing

-- query: served_skip_drop
-- for: write
delete from served_skip where category_id > 0

-- The same counts of sealed categories, made when they are asked for.
-- query: sealed_served
-- for: rule
-- scan: persons of one category and of those that it stands among
-- column: half int open
select distinct k.person_id, k.category, k.classes, half_year(s.day) as half
from person_category k
cross join service s
where k.category = :category and s.person_id = k.person_id and s.day >= :first and s.day <= :last
  and (k.since is null or k.since <= s.day) and (k.until is null or k.until >= s.day)
order by k.person_id

-- And once in the total who counts in some category, by the channel of the category that stood at the first service.
-- query: served_add_total
-- for: write
insert into served (half, category, person_id, channel, services, classes)
select g.half, '', g.person_id,
       coalesce((select k.channel
                 from person_category k
                 where k.person_id = g.person_id and (k.since is null or k.since <= g.first_day)
                   and (k.until is null or k.until >= g.first_day)
                 order by k.id
                 limit 1), 'other'), g.services, 0
from (select half_year(s.day) as half, s.person_id, min(s.day) as first_day, count(*) as services
      from served_due d
      cross join service s
      where d.person_id <= :last and s.person_id = d.person_id
        and exists (select 1 from person_category c
                    where c.person_id = s.person_id and (c.since is null or c.since <= s.day)
                      and (c.until is null or c.until >= s.day))
      group by half_year(s.day), s.person_id) g

-- query: served_due_done
-- for: write
delete from served_due where person_id <= :last

-- The report.

-- query: served_counts
-- for: count
-- column: category code social list=category
-- column: channel code social list=channel
-- column: n int open "Persons"
select v.half, v.category, v.channel, count(*) as n
from served v
where v.half in (:this_half, :other_half)
group by v.half, v.category, v.channel

-- Who stands behind a figure. c0 to c11 are the channels of a group.
-- query: served_list
-- for: rule
-- sort: person = v.person_id
-- page: 50
select v.person_id, v.channel {keys}
from served v
where v.half = :half and v.category = :category
  and v.channel in (:c0, :c1, :c2, :c3, :c4, :c5, :c6, :c7, :c8, :c9, :c10, :c11)    --? c0
  and {after}
order by {order}
limit :limit

-- One at a time.
-- query: report_person
-- about: id bits recheck_at
-- column: district text contact "District"
-- column: lead_body text open "Lead body"
-- discloses: lead_body lead_body_id
-- internal: lead_body_id
select p.id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, p.sex,
       (select d.name from district d where d.id = p.district_id) as district,
       p.lead_body_id, b.name as lead_body, a.bits, a.recheck_at
from person p
join access a on a.body_id = :viewer_body and a.person_id = p.id
left join body b on b.id = p.lead_body_id
where p.id = :person

-- Rows that reports.c makes; the statements only tell their columns.

-- query: report_row
-- about: none
-- internal: now_off before_off self_off referred_off found_off self_before_off referred_before_off found_before_off
-- column: category text open "Category"
-- column: label text open
-- column: now text open
-- column: before text open
-- column: difference text open
-- column: ratio text open
-- column: direction text open
-- column: self text open
-- column: referred text open
-- column: found text open
-- column: self_before text open
-- column: referred_before text open
-- column: found_before text open
-- column: now_off int open
-- column: before_off int open
-- column: self_off int open
-- column: referred_off int open
-- column: found_off int open
-- column: self_before_off int open
-- column: referred_before_off int open
-- column: found_before_off int open
select e.key as category, null as label, null as now, null as before, null as difference, null as ratio, null as direction,
       null as self, null as referred, null as found, null as self_before, null as referred_before, null as found_before,
       0 as now_off, 0 as before_off, 0 as self_off, 0 as referred_off, 0 as found_off, 0 as self_before_off,
       0 as referred_before_off, 0 as found_before_off
from pack_entry e
where e.kind = 'report'

-- query: sealed_row
-- about: none
-- column: code text open "Code"
-- column: category text open "Category"
-- column: now int open "This half-year"
-- column: before int open "The half-year compared with"
select null as code, null as category, null as now, null as before

-- query: report_half
-- about: none
-- column: period text open
-- column: year int open
-- column: h int open
-- column: chosen int open
-- column: against int open
select e.key as period, 0 as year, 0 as h, 0 as chosen, 0 as against
from pack_entry e
where e.kind = 'report'

-- query: report_list
-- about: none
-- column: name text open "Report"
select e.key as name, e.label
from pack_entry e
where e.kind = 'report'
order by e.ord, e.id
