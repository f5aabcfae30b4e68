-- The reader of the event log.

-- query: way_due_events
-- for: write
insert into way_due (case_id)
select distinct e.case_id from event e where e.id >= :first and e.id <= :last and e.case_id is not null
on conflict (case_id) do nothing

-- The district of a person, cards that were joined, restrictions.
-- query: way_due_persons
-- for: write
insert into way_due (case_id)
select distinct c.id
from event e
join case_file c on c.person_id = e.person_id
where e.id >= :first and e.id <= :last and (e.kind like 'person.%' or e.kind like 'restriction.%')
on conflict (case_id) do nothing

-- Cases that acts of destruction have taken away.
-- query: way_due_destroyed
-- for: write
insert into way_due (case_id)
select w.case_id
from way_case w
where not exists (select 1 from case_file c where c.id = w.case_id)
  and exists (select 1 from event e where e.id >= :first and e.id <= :last and e.kind = 'retention.destroyed')
on conflict (case_id) do nothing

-- query: way_due_some
-- for: write
insert into way_due (case_id)
select c.id from case_file c where c.id >= :first and c.id <= :last
on conflict (case_id) do nothing

-- query: way_case_last
-- for: rule
-- maybe
select c.id from case_file c order by c.id desc limit 1

-- query: way_case_after
-- for: rule
select c.id from case_file c where c.id > :after order by c.id limit :rows

-- query: way_due_next
-- for: rule
select d.case_id from way_due d order by d.case_id limit :rows

-- query: way_due_done
-- for: write
delete from way_due where case_id <= :last

-- What the log and the routes say of the cases that are due. `cross join` keeps SQLite to this order.

-- query: way_case_kept
-- for: rule
select w.case_id, w.month, w.scheme, w.district_id, w.body_id, w.variant_id, w.days, w.scheme_id, w.skipped, w.repeated, w.disordered, w.late,
       w.dues, w.tells, v.steps
from way_due d
cross join way_case w
join way_variant v on v.id = w.variant_id
where d.case_id <= :last and w.case_id = d.case_id
order by w.case_id, case when w.scheme = '+' then w.body_id else 0 end

-- query: way_case_facts
-- for: rule
-- column: restricted int open
select c.id, c.opened_on, c.state, c.body_id, p.district_id,
       case when exists (select x.id from restriction x where x.person_id = p.id and x.ended_at is null) then 1 else 0 end as restricted
from way_due d
cross join case_file c
join person p on p.id = c.person_id
where d.case_id <= :last and c.id = d.case_id
order by d.case_id

-- query: way_events
-- for: rule
select e.case_id, e.id, e.day, e.kind, e.object, e.object_id
from way_due d
cross join event e
where d.case_id <= :last and e.case_id = d.case_id
order by d.case_id, e.id

-- query: way_routes
-- for: rule
select r.case_id, r.id, r.scheme_id, s.code
from way_due d
cross join route r
join scheme s on s.id = r.scheme_id
where d.case_id <= :last and r.case_id = d.case_id
order by d.case_id, r.id

-- query: way_route_steps
-- for: rule
select r.case_id, t.route_id, r.scheme_id, s.code, t.id, t.step, t.round, t.body_id, t.opened_on, t.due_on, t.closed_on, r.classes
from way_due d
cross join route r
cross join route_step t
join scheme s on s.id = r.scheme_id
where d.case_id <= :last and r.case_id = d.case_id and t.route_id = r.id
order by r.case_id, t.id

-- Whom the case has asked; by_route: a route has sent it.
-- query: way_referrals
-- for: rule
-- column: by_route int open
select r.case_id, r.id, r.to_body_id, r.state,
       case when exists (select o.id from route_offer o where o.referral_id = r.id) then 1 else 0 end as by_route
from way_due d
cross join referral r
where d.case_id <= :last and r.case_id = d.case_id
order by d.case_id, r.id

-- query: way_measures
-- for: rule
select m.case_id, m.id, m.body_id
from way_due d
cross join measure m
where d.case_id <= :last and m.case_id = d.case_id
order by d.case_id, m.id

-- query: way_case_drop
-- for: write
delete from way_case where case_id in (select d.case_id from way_due d where d.case_id <= :last)

-- query: way_case_add
-- for: write
insert into way_case (case_id, month, scheme, district_id, body_id, variant_id, days, scheme_id, skipped, repeated, disordered, late, dues, open_due, tells)
values (:case_id, :month, :scheme, :district, :body, :variant, :days, :scheme_id, :skipped, :repeated, :disordered, :late, :dues, :open_due, :tells)

-- Months whose sums are behind the ways of their cases.

-- query: way_stale
-- for: rule
select t.month, t.stamp from way_stale t order by t.month

-- query: way_stale_put
-- for: write
insert into way_stale (month, stamp) values (:month, 1)
on conflict (month) do update set stamp = way_stale.stamp + 1

-- query: way_stale_drop
-- for: write
delete from way_stale where month = :month

-- query: way_month_cases
-- for: rule
select w.month, w.scheme, w.district_id, w.body_id, w.variant_id, w.days, v.steps
from way_case w
join way_variant v on v.id = w.variant_id
where w.month = :month

-- query: way_month_sums
-- for: rule
-- scan: the sums of a month
select s.scheme, s.district_id, s.body_id, s.month, s.step, s.next_step, s.days, s.n from way_sum s where s.month = :month

-- query: way_month_variants
-- for: rule
-- scan: the sums of a month
select s.scheme, s.district_id, s.body_id, s.month, s.variant_id, s.days, s.n from way_variant_sum s where s.month = :month

-- query: way_variant_find
-- for: rule
-- maybe
select v.id, v.steps from way_variant v where v.hash = :hash

-- query: way_sum_add
-- for: write
insert into way_sum (scheme, district_id, body_id, month, step, next_step, days, n)
values (:scheme, :district, :body, :month, :step, :next, :days, :n)
on conflict (scheme, month, district_id, body_id, step, next_step, days) do update set n = way_sum.n + excluded.n

-- query: way_sum_empty
-- for: write
delete from way_sum
where scheme = :scheme and district_id = :district and body_id = :body and month = :month and step = :step and next_step = :next
  and days = :days and n = 0

-- query: way_variant_sum_add
-- for: write
insert into way_variant_sum (scheme, district_id, body_id, month, variant_id, days, n)
values (:scheme, :district, :body, :month, :variant, :days, :n)
on conflict (scheme, month, district_id, body_id, variant_id, days) do update set n = way_variant_sum.n + excluded.n

-- query: way_variant_sum_empty
-- for: write
delete from way_variant_sum
where scheme = :scheme and district_id = :district and body_id = :body and month = :month and variant_id = :variant and days = :days and n = 0

-- Months that anything is kept of.
-- query: way_months
-- for: rule
-- scan: all sums, for `bereg check`
-- column: month int open
select w.month as month from way_case w
union
select s.month as month from way_sum s where s.scheme <> '**'
union
select v.month as month from way_variant_sum v where v.scheme <> '**'

-- Sums of whole years against those of their months.
-- query: way_years_differ
-- for: rule
-- scan: all sums, for `bereg check`
-- column: year int open
-- column: step text open
-- column: next_step text open
-- column: days int open
-- column: variant int open
-- column: kept int open
-- column: wanted int open
select g.year, g.step, g.next_step, g.days, g.variant, sum(g.kept) as kept, sum(g.wanted) as wanted
from (select s.month / 100 as year, s.step, s.next_step, s.days, 0 as variant, 0 as kept, s.n as wanted from way_sum s where s.scheme = '*'
      union all
      select s.month, s.step, s.next_step, s.days, 0, s.n, 0 from way_sum s where s.scheme = '**'
      union all
      select v.month / 100, '', '', v.days, v.variant_id, 0, v.n from way_variant_sum v where v.scheme = '*'
      union all
      select v.month, '', '', v.days, v.variant_id, v.n, 0 from way_variant_sum v where v.scheme = '**') g
group by g.year, g.step, g.next_step, g.days, g.variant
having sum(g.kept) <> sum(g.wanted)
order by g.year, g.step, g.next_step, g.days, g.variant

-- The pages.

-- query: way_arcs
-- for: rule
-- scan: sums of the months that are asked for
-- column: days int open
-- column: n int open
select s.step, s.next_step, s.days, sum(s.n) as n
from way_sum s
where s.month >= :first and s.month <= :last
  and s.scheme = :scheme                --? scheme
  and s.district_id = :district         --? district
  and s.body_id = :body                 --? body
  and s.scheme <> :part                 --? part
group by s.step, s.next_step, s.days

-- query: way_variants
-- for: rule
-- scan: sums of the months that are asked for
-- column: days int open
-- column: n int open
select s.variant_id, s.days, sum(s.n) as n
from way_variant_sum s
where s.month >= :first and s.month <= :last
  and s.scheme = :scheme                --? scheme
  and s.district_id = :district         --? district
  and s.body_id = :body                 --? body
  and s.scheme <> :part                 --? part
group by s.variant_id, s.days

-- query: way_variant_text
-- for: rule
-- maybe
select v.steps, v.length from way_variant v where v.id = :id

-- query: way_scheme_names
-- for: rule
-- scan: versions of schemes, some dozens
select s.id, s.code, s.name, s.number from scheme s order by s.code, s.number

-- Bodies that lead cases.
-- query: way_bodies
-- for: rule
-- scan: bodies of a region
select b.id, b.name, b.district_id from body b order by b.name, b.id

-- query: way_districts
-- for: rule
-- scan: districts of a region
select d.id, d.name from district d order by d.name, d.id

-- Rows that ways_pages.c makes; the statements only tell their columns.

-- query: way_arc
-- about: none
-- column: from_code text open
-- column: to_code text open
-- column: from_label text open "Step"
-- column: to_label text open "Next step"
-- column: n int open "Times"
-- column: median int open "Median, days"
-- column: p90 int open "90 % within, days"
select null as from_code, null as to_code, null as from_label, null as to_label, null as n, null as median, null as p90

-- query: way_variant_row
-- about: none
-- column: id int open
-- column: steps text open "Way"
-- column: length int open "Number of steps"
-- column: n int open "Cases"
-- column: share int open "Share, %"
-- column: median int open "Median of the whole case, days"
-- column: is_open int open "Not closed"
select null as id, null as steps, null as length, null as n, null as share, null as median, null as is_open

-- query: way_choice
-- about: none
-- column: code text open
-- column: label text open
-- column: chosen int open
select null as code, null as label, 0 as chosen

-- query: way_step_label
-- for: rule
-- maybe
select t.label
from scheme s
join scheme_step t on t.scheme_id = s.id
where s.code = :scheme and t.code = :step
order by s.number desc
limit 1

-- The cases behind a figure. Of them the viewer sees those that his body leads or works in, in the persons that are open to him. What a
-- route tells is said of a part only to whom it is open.
-- query: way_case_list
-- about: person_id bits recheck_at
-- internal: dues
-- sort: newest = w.case_id desc
-- page: 50
-- column: led int open
-- column: repeated int open
-- column: late int open
-- column: dues text open
select c.id as case_id, c.number, c.opened_on, c.state, c.closed_on, c.person_id, p.family_name, p.given_name, p.patronymic,
       case when w.scheme = '+' then 0 else 1 end as led, v.length, w.skipped, w.disordered,
       case when (a.bits & :role_bits & w.tells) = w.tells then w.repeated else 0 end as repeated,
       case when (a.bits & :role_bits & w.tells) = w.tells then w.late else 0 end as late,
       case when (a.bits & :role_bits & w.tells) = w.tells then w.dues else '' end as dues, a.bits, a.recheck_at {keys}
from way_case w
join case_file c on c.id = w.case_id
join person p on p.id = c.person_id
join access a on a.body_id = :viewer_body and a.person_id = p.id
join way_variant v on v.id = w.variant_id
where w.body_id = :viewer_body and w.month >= :first and w.month <= :last
  and w.scheme <> :part                          --? part
  and replace(v.steps, :pair, '') <> v.steps     --? pair
  and w.variant_id = :variant                    --? variant
  and w.scheme_id = :version and (a.bits & :role_bits & w.tells) = w.tells --? version
  and w.scheme = :scheme                         --? scheme
  and w.district_id = :district                  --? district
  and w.skipped >= :skipped                      --? skipped
  and w.repeated >= :repeated and (a.bits & :role_bits & w.tells) = w.tells --? repeated
  and w.disordered >= :disordered                --? disordered
  and (w.late >= :late or w.open_due < :today) and (a.bits & :role_bits & w.tells) = w.tells --? late
  and {after}
order by {order}
limit :limit

-- query: way_case_count
-- for: count
-- one
-- scan: the ways of the months that are asked for
-- column: cases int open
-- column: visible int open
select count(*) as cases,
       sum(case when w.body_id = :viewer_body and exists (select 1 from case_file c
                                                          join access a on a.body_id = :viewer_body and a.person_id = c.person_id
                                                          where c.id = w.case_id) then 1 else 0 end) as visible
from way_case w
join way_variant v on v.id = w.variant_id
where w.month >= :first and w.month <= :last
  and w.scheme <> :part                          --? part
  and replace(v.steps, :pair, '') <> v.steps     --? pair
  and w.variant_id = :variant                    --? variant
  and w.scheme_id = :version and (:role_bits & w.tells) = w.tells --? version
  and w.scheme = :scheme                         --? scheme
  and w.district_id = :district                  --? district
  and w.body_id = :body                          --? body
  and w.skipped >= :skipped                      --? skipped
  and w.repeated >= :repeated and (:role_bits & w.tells) = w.tells --? repeated
  and w.disordered >= :disordered                --? disordered
  and (w.late >= :late or w.open_due < :today) and (:role_bits & w.tells) = w.tells --? late

-- How many cases on the route of a version kept to it. A step that is open past its term counts as late today.
-- query: way_conformance
-- for: count
-- scan: the ways of the months that are asked for
-- column: version_id int open
-- column: name text open "Routing scheme"
-- column: number int open "Version"
-- column: cases int open "Cases"
-- column: kept int open "Kept to the scheme"
-- column: skipped int open "Steps skipped"
-- column: repeated int open "Steps repeated"
-- column: disordered int open "Out of order"
-- column: late int open "Outside the term"
select s.id as version_id, s.name, s.number, count(*) as cases,
       sum(case when w.skipped + w.repeated + w.disordered + w.late = 0 and (w.open_due is null or w.open_due >= :today) then 1 else 0 end) as kept,
       sum(case when w.skipped > 0 then 1 else 0 end) as skipped, sum(case when w.repeated > 0 then 1 else 0 end) as repeated,
       sum(case when w.disordered > 0 then 1 else 0 end) as disordered,
       sum(case when w.late > 0 or w.open_due < :today then 1 else 0 end) as late
from way_case w
join scheme s on s.id = w.scheme_id
where w.month >= :first and w.month <= :last and (:role_bits & w.tells) = w.tells
  and w.district_id = :district                  --? district
  and w.body_id = :body                          --? body
  and w.scheme <> :part                          --? part
  and w.scheme = :scheme                         --? scheme
group by s.id, s.name, s.number

-- What bodies owe their next step for now, alike rows as one.
-- query: way_owed
-- for: rule
-- scan: the open referrals
-- column: n int open
select r.owing_body_id, b.name, b.district_id, r.state, r.sent_on, r.next_on, count(*) as n
from referral r
join body b on b.id = r.owing_body_id
where r.owing_body_id is not null and r.state <> 'draft'
  and (r.waiting_body_id = :party or r.owing_body_id = :party) --? party
group by r.owing_body_id, b.name, b.district_id, r.state, r.sent_on, r.next_on

-- Which bodies owe so many answers beyond their terms, and which owe one to the viewer's body: the rows of the page, for the number beside a link.
-- query: way_silent
-- for: rule
-- scan: the bodies of a region, each along its own index no further than asked
select b.id
from body b
where (select count(*) from (select r.id from referral r where r.owing_body_id = b.id and r.next_on < :today and r.state in ('sent', 'received', 'returned') limit :most) x) >= :most
order by b.id
limit 100

-- query: way_silent_to
-- for: rule
select distinct r.owing_body_id
from referral r
where r.waiting_body_id = :viewer_body and r.next_on < :today and r.state in ('sent', 'received', 'returned')
limit 100

-- What they have answered in the period.
-- query: way_answered
-- for: rule
-- scan: the referrals of the period
-- column: n int open
select r.to_body_id, b.name, b.district_id, r.sent_on, r.answered_on, r.answer_by, count(*) as n
from referral r
join body b on b.id = r.to_body_id
where r.answered_on >= :first and r.answered_on <= :last and r.answer_by is not null and r.answered_on > r.answer_by
  and (r.from_body_id = :party or r.to_body_id = :party) --? party
group by r.to_body_id, b.name, b.district_id, r.sent_on, r.answered_on, r.answer_by

-- query: way_answered_all
-- for: rule
-- scan: the referrals of the period
-- column: n int open
select r.to_body_id, count(*) as n
from referral r
where r.answered_on >= :first and r.answered_on <= :last and r.answer_by is not null
  and (r.from_body_id = :party or r.to_body_id = :party) --? party
group by r.to_body_id

-- query: way_waiting
-- about: none
-- column: words text open "Where cases wait"
-- column: body_id int open
-- column: name text open "Body"
-- column: what code open "What they wait for" list=way_wait
-- column: late int open "Beyond the term"
-- column: n int open "Of them in all"
-- column: median int open "Median, working days"
-- column: term int open "Term, working days"
-- column: harm int open "Days beyond the term, of all together"
select null as words, null as body_id, null as name, null as what, null as late, null as n, null as median, null as term, null as harm
