-- The reader of the event log.

-- What events of the log and the rows of their referrals say, put together. All of it may be read again and in any order: of an event
-- that stands once (sent, accepted) the day is kept, a return is a mark that stays. The numbers of flags: enum outcome.
-- query: items_fold
-- for: write
insert into interaction_item (referral_id, month, sent_on, from_body_id, to_body_id, accepted_on, finished_on, need, reason, flags,
                              open_state, next_by)
select r.id, year_month(g.sent_on), g.sent_on, g.from_body_id, g.to_body_id, g.accepted_on,
       case when r.state in ('done', 'not_done') then r.finished_on end, r.need,
       case when r.state = 'declined' then r.decline_reason end,
       case when g.accepted_on is not null then 1 else 0 end + g.returned * 2 + case r.state when 'declined' then 4 else 0 end
       + case when r.answer_late = 1 or (r.answer_late is null and r.answered_on > r.answer_by)
                or (r.answered_on is null and r.answer_late is null and r.state in ('withdrawn', 'taken') and r.finished_on > r.answer_by)
              then 8 else 0 end
       + case r.state when 'withdrawn' then 16 when 'taken' then 32 when 'done' then 64 when 'not_done' then 128 else 0 end
       + case when (r.answer_late = 0 or (r.answer_late is null and r.answered_on <= r.answer_by)) and r.state not in ('sent', 'received')
              then 256 else 0 end
       + case when r.state in ('done', 'not_done') and r.finished_on <= r.due_on then 512 else 0 end,
       case r.state when 'sent' then 1 when 'received' then 1 when 'accepted' then 2 when 'in_progress' then 2 when 'returned' then 3 end,
       case when r.owing_body_id is not null then r.next_on end
from (select e.object_id,
             min(case when e.kind = 'referral.sent' then e.day end) as sent_on,
             min(case when e.kind = 'referral.sent' then e.body_id end) as from_body_id,
             min(case when e.kind = 'referral.sent' then e.other_body_id end) as to_body_id,
             min(case when e.kind = 'referral.accepted' then e.day end) as accepted_on,
             max(case when e.kind = 'referral.returned' then 1 else 0 end) as returned
      from event e
      where e.id >= :first and e.id <= :last and e.object = 'referral'
      group by e.object_id) g
join referral r on r.id = g.object_id
where true
on conflict (referral_id) do update set
    month = coalesce(interaction_item.month, excluded.month),
    sent_on = coalesce(interaction_item.sent_on, excluded.sent_on),
    from_body_id = coalesce(interaction_item.from_body_id, excluded.from_body_id),
    to_body_id = coalesce(interaction_item.to_body_id, excluded.to_body_id),
    accepted_on = coalesce(interaction_item.accepted_on, excluded.accepted_on),
    finished_on = excluded.finished_on, need = excluded.need, reason = excluded.reason,
    flags = excluded.flags | (interaction_item.flags & 3), open_state = excluded.open_state, next_by = excluded.next_by

-- query: due_events
-- for: write
insert into interaction_due (from_body_id, to_body_id, month)
select distinct i.from_body_id, i.to_body_id, i.month
from event e
join interaction_item i on i.referral_id = e.object_id
where e.id >= :first and e.id <= :last and e.object = 'referral' and i.month is not null
on conflict (from_body_id, to_body_id, month) do nothing

-- What acts of destruction have taken away counts no more: a rebuild would not find it either.
-- query: due_destroyed
-- for: write
insert into interaction_due (from_body_id, to_body_id, month)
select distinct i.from_body_id, i.to_body_id, i.month
from event e
join retention_row w on w.act_id = e.object_id and w.person_number = e.person_id
join interaction_item i on i.referral_id = w.row_number
where e.id >= :first and e.id <= :last and e.kind = 'retention.destroyed' and w.kind = 'referral' and i.month is not null
on conflict (from_body_id, to_body_id, month) do nothing

-- query: items_destroyed
-- for: write
delete from interaction_item
where referral_id in (select w.row_number
                      from event e
                      join retention_row w on w.act_id = e.object_id and w.person_number = e.person_id
                      where e.id >= :first and e.id <= :last and e.kind = 'retention.destroyed' and w.kind = 'referral')

-- Of what was read from far, or anew: the pairs of some thousand referrals.
-- query: due_items
-- for: write
insert into interaction_due (from_body_id, to_body_id, month)
select distinct i.from_body_id, i.to_body_id, i.month
from interaction_item i
where i.referral_id > :after and i.referral_id <= :last and i.month is not null
on conflict (from_body_id, to_body_id, month) do nothing

-- query: due_pair
-- for: rule
-- maybe
-- scan: the first
select d.from_body_id, d.to_body_id from interaction_due d order by d.from_body_id, d.to_body_id limit 1

-- query: due_months
-- for: rule
select d.month from interaction_due d where d.from_body_id = :from and d.to_body_id = :to order by d.month limit :rows

-- The sums of one pair for its next months. `+ 0`: otherwise SQLite takes the limit over to the rows joined, and reads all months for each.

-- query: sums_drop
-- for: write
delete from interaction_sum
where from_body_id = :from and to_body_id = :to
  and month in (select d.month from interaction_due d where d.from_body_id = :from and d.to_body_id = :to and d.month <= :last)

-- query: days_drop
-- for: write
delete from interaction_days
where from_body_id = :from and to_body_id = :to
  and month in (select d.month from interaction_due d where d.from_body_id = :from and d.to_body_id = :to and d.month <= :last)

-- query: reasons_drop
-- for: write
delete from interaction_reason
where from_body_id = :from and to_body_id = :to
  and month in (select d.month from interaction_due d where d.from_body_id = :from and d.to_body_id = :to and d.month <= :last)

-- query: sums_add
-- for: write
insert into interaction_sum (month, from_body_id, to_body_id, need, sent, accepted, returned, declined, silent, withdrawn, taken, done,
                             not_done, answered_in_time, finished_in_time)
select i.month, i.from_body_id, i.to_body_id, i.need, count(*), sum(i.flags & 1), sum(i.flags & 2) / 2, sum(i.flags & 4) / 4,
       sum(i.flags & 8) / 8, sum(i.flags & 16) / 16, sum(i.flags & 32) / 32, sum(i.flags & 64) / 64, sum(i.flags & 128) / 128,
       sum(i.flags & 256) / 256, sum(i.flags & 512) / 512
from interaction_due d
cross join interaction_item i
where d.from_body_id = :from and d.to_body_id = :to and d.month + 0 <= :last
  and i.from_body_id = d.from_body_id and i.to_body_id = d.to_body_id and i.month = d.month
group by i.month, i.from_body_id, i.to_body_id, i.need

-- query: days_add
-- for: write
insert into interaction_days (month, from_body_id, to_body_id, need, what, days, n)
select i.month, i.from_body_id, i.to_body_id, i.need, 1, days_between(i.sent_on, i.accepted_on), count(*)
from interaction_due d
cross join interaction_item i
where d.from_body_id = :from and d.to_body_id = :to and d.month + 0 <= :last
  and i.from_body_id = d.from_body_id and i.to_body_id = d.to_body_id and i.month = d.month and i.accepted_on is not null
group by i.month, i.from_body_id, i.to_body_id, i.need, days_between(i.sent_on, i.accepted_on)

-- query: days_add_results
-- for: write
insert into interaction_days (month, from_body_id, to_body_id, need, what, days, n)
select i.month, i.from_body_id, i.to_body_id, i.need, 2,
       case when i.finished_on < i.sent_on then 0 else days_between(i.sent_on, i.finished_on) end, count(*)
from interaction_due d
cross join interaction_item i
where d.from_body_id = :from and d.to_body_id = :to and d.month + 0 <= :last
  and i.from_body_id = d.from_body_id and i.to_body_id = d.to_body_id and i.month = d.month and i.finished_on is not null
group by i.month, i.from_body_id, i.to_body_id, i.need,
         case when i.finished_on < i.sent_on then 0 else days_between(i.sent_on, i.finished_on) end

-- query: reasons_add
-- for: write
insert into interaction_reason (month, from_body_id, to_body_id, need, reason, n)
select i.month, i.from_body_id, i.to_body_id, i.need, i.reason, count(*)
from interaction_due d
cross join interaction_item i
where d.from_body_id = :from and d.to_body_id = :to and d.month + 0 <= :last
  and i.from_body_id = d.from_body_id and i.to_body_id = d.to_body_id and i.month = d.month and i.reason is not null
group by i.month, i.from_body_id, i.to_body_id, i.need, i.reason

-- query: due_done
-- for: write
delete from interaction_due where from_body_id = :from and to_body_id = :to and month <= :last

-- What was kept goes slice by slice: the last of the next rows, then all up to it.

-- query: items_next
-- for: rule
-- maybe
-- scan: no further than the next rows, in the order of the key
select x.referral_id
from (select i.referral_id from interaction_item i where i.referral_id > :after order by i.referral_id limit :rows) x
order by x.referral_id desc
limit 1

-- query: items_clear
-- for: write
delete from interaction_item where referral_id <= :last

-- query: sums_next
-- for: rule
-- maybe
-- scan: no further than the next rows, in the order of the key
select x.month, x.from_body_id
from (select s.month, s.from_body_id from interaction_sum s order by s.month, s.from_body_id limit :rows) x
order by x.month desc, x.from_body_id desc
limit 1

-- query: sums_clear
-- for: write
delete from interaction_sum where month <= :month and (month < :month or from_body_id <= :from)

-- query: days_next
-- for: rule
-- maybe
-- scan: no further than the next rows, in the order of the key
select x.month, x.from_body_id
from (select s.month, s.from_body_id from interaction_days s order by s.month, s.from_body_id limit :rows) x
order by x.month desc, x.from_body_id desc
limit 1

-- query: days_clear
-- for: write
delete from interaction_days where month <= :month and (month < :month or from_body_id <= :from)

-- query: reasons_next
-- for: rule
-- maybe
-- scan: no further than the next rows, in the order of the key
select x.month, x.from_body_id
from (select s.month, s.from_body_id from interaction_reason s order by s.month, s.from_body_id limit :rows) x
order by x.month desc, x.from_body_id desc
limit 1

-- query: reasons_clear
-- for: write
delete from interaction_reason where month <= :month and (month < :month or from_body_id <= :from)

-- Who stands in whose place.

-- query: interaction_bodies
-- for: rule
-- scan: some hundred bodies of a region
-- column: kept int open
select b.id, b.name, b.name_key, b.kind, b.district_id, b.discloses, b.active, b.successor_id,
       (select n.now_id from interaction_body n where n.body_id = b.id) as kept
from body b
order by b.name_key, b.id

-- query: body_now_put
-- for: write
insert into interaction_body (body_id, now_id) values (:body, :stands)
on conflict (body_id) do update set now_id = excluded.now_id

-- The figures.

-- query: pair_sums
-- for: rule
-- scan: the sums of a period
select s.month, s.from_body_id, s.to_body_id, s.need, s.sent, s.accepted, s.returned, s.declined, s.silent, s.withdrawn, s.taken, s.done,
       s.not_done, s.answered_in_time, s.finished_in_time
from interaction_sum s
where s.month >= :first and s.month <= :last
  and s.from_body_id = :from    --? from
  and s.to_body_id = :to        --? to
  and s.need = :need            --? need

-- query: pair_days
-- for: rule
-- scan: the sums of a period
select s.month, s.from_body_id, s.to_body_id, s.need, s.what, s.days, s.n
from interaction_days s
where s.month >= :first and s.month <= :last
  and s.from_body_id = :from    --? from
  and s.to_body_id = :to        --? to
  and s.need = :need            --? need

-- query: pair_reasons
-- for: rule
-- scan: the sums of a period
select s.from_body_id, s.to_body_id, s.need, s.reason, s.n
from interaction_reason s
where s.month >= :first and s.month <= :last
  and s.from_body_id = :from    --? from
  and s.to_body_id = :to        --? to
  and s.need = :need            --? need

-- What waits: it changes with the day, so it is counted when asked for, along the index of what is open.
-- query: pair_open
-- for: rule
-- scan: what is open
-- column: late int open
-- column: silent int open
-- column: n int open
select x.month, x.from_body_id, x.to_body_id, x.need, x.open_state, x.late, x.silent, count(*) as n
from (select i.month, i.from_body_id, i.to_body_id, i.need, i.open_state, case when i.next_by < :today then 1 else 0 end as late,
             case when i.open_state = 1 and i.next_by < :today and (i.flags & 8) = 0 then 1 else 0 end as silent
      from interaction_item i
      where i.open_state in (1, 2, 3) and i.month >= :first and i.month <= :last
        and i.from_body_id = :from    --? from
        and i.to_body_id = :to        --? to
        and i.need = :need            --? need
     ) x
group by x.month, x.from_body_id, x.to_body_id, x.need, x.open_state, x.late, x.silent

-- query: wait_days
-- for: rule
select s.days, s.n
from interaction_body b
join interaction_days s on s.to_body_id = b.body_id
where b.now_id = :stands and s.month >= :first and s.month <= :last and s.what = 1
  and s.need = :need            --? need
order by s.days

-- The referrals behind a figure: those whose persons the viewer may know.
-- query: interaction_list
-- about: person_id bits recheck_at
-- uses:  identity
-- internal: person_id from_body_id to_body_id classes
-- discloses: from_name from_body_id
-- discloses: to_name to_body_id
-- sort:  newest! = r.id desc
-- page:  50
select r.id, r.number, r.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, r.need,
       r.state, i.sent_on, i.accepted_on, r.answer_by, r.decline_reason, r.due_on, r.finished_on, r.result, r.from_body_id, f.name as from_name,
       r.to_body_id, t.name as to_name, r.classes, a.bits, a.recheck_at {keys}
from interaction_body fb
join interaction_body tb on tb.now_id = :to
join interaction_item i on i.from_body_id = fb.body_id and i.to_body_id = tb.body_id
join referral r on r.id = i.referral_id
join access a on a.body_id = :viewer_body and a.person_id = r.person_id
join person p on p.id = r.person_id
join body f on f.id = r.from_body_id
join body t on t.id = r.to_body_id
where fb.now_id = :from and i.month >= :first and i.month <= :last and (a.bits & :uses) = :uses
  and (a.bits & :role_bits & r.classes) = r.classes & :plain_classes
  and i.need = :need                                                                      --? need
  and (i.flags & :flag) <> 0                                                              --? flag
  and ((i.flags & 8) <> 0 or (i.open_state = 1 and i.next_by < :silent_on))               --? silent_on
  and i.open_state = :open                                                                --? open
  and i.open_state in (1, 2, 3) and i.next_by < :late_on                                  --? late_on
  and {after}
order by {order}
limit :limit

-- The same, counted.
-- query: interaction_count
-- for: count
-- column: n int open
select count(*) as n
from interaction_body fb
join interaction_body tb on tb.now_id = :to
join interaction_item i on i.from_body_id = fb.body_id and i.to_body_id = tb.body_id
where fb.now_id = :from and i.month >= :first and i.month <= :last
  and i.need = :need                                                                      --? need
  and (i.flags & :flag) <> 0                                                              --? flag
  and ((i.flags & 8) <> 0 or (i.open_state = 1 and i.next_by < :silent_on))               --? silent_on
  and i.open_state = :open                                                                --? open
  and i.open_state in (1, 2, 3) and i.next_by < :late_on                                  --? late_on

-- Rows that interaction_pages.c makes; the statements only tell their columns.

-- query: interaction_row
-- about: none
-- internal: from_id to_id from_own to_own linked
-- column: from_id int open
-- column: to_id int open
-- column: from_own int open
-- column: to_own int open
-- column: linked int open
-- column: from_name text open "Who sends"
-- column: to_name text open "Who receives"
-- column: sent text open "Sent"
-- column: accepted text open "Taken on"
-- column: declined text open "Declined"
-- column: returned text open "Returned for completion"
-- column: silent text open "No answer in time"
-- column: withdrawn text open "Withdrawn"
-- column: taken text open "Taken by another body"
-- column: done text open "Carried out"
-- column: not_done text open "Not done"
-- column: answer_share text open "Answered in time, %"
-- column: finish_share text open "Completed in time, %"
-- column: accept_median text open "Days to acceptance, median"
-- column: accept_p90 text open "Days to acceptance, 9 of 10 within"
-- column: finish_median text open "Days to the result, median"
-- column: finish_p90 text open "Days to the result, 9 of 10 within"
-- column: waiting text open "Waits for the receiver's answer"
-- column: at_work text open "At work"
-- column: to_complete text open "Waits for the sender"
-- column: late text open "Open behind the date due"
select 0 as from_id, 0 as to_id, 0 as from_own, 0 as to_own, 0 as linked, null as from_name, null as to_name, null as sent, null as accepted, null as declined,
       null as returned, null as silent, null as withdrawn, null as taken, null as done, null as not_done, null as answer_share,
       null as finish_share, null as accept_median, null as accept_p90, null as finish_median, null as finish_p90, null as waiting,
       null as at_work, null as to_complete, null as late
from pack_entry e
where e.kind = 'report'

-- Groups of bodies, needs and months: the same figures.
-- query: interaction_group
-- about: none
-- internal: code
-- column: code text open
-- column: label text open "Line"
-- column: sent text open "Sent"
-- column: accepted text open "Taken on"
-- column: declined text open "Declined"
-- column: returned text open "Returned for completion"
-- column: silent text open "No answer in time"
-- column: done text open "Carried out"
-- column: not_done text open "Not done"
-- column: answer_share text open "Answered in time, %"
-- column: finish_share text open "Completed in time, %"
-- column: accept_median text open "Days to acceptance, median"
-- column: accept_p90 text open "Days to acceptance, 9 of 10 within"
-- column: finish_median text open "Days to the result, median"
-- column: finish_p90 text open "Days to the result, 9 of 10 within"
-- column: open text open "Open now"
select e.key as code, null as label, null as sent, null as accepted, null as declined, null as returned, null as silent, null as done,
       null as not_done, null as answer_share, null as finish_share, null as accept_median, null as accept_p90, null as finish_median,
       null as finish_p90, null as open
from pack_entry e
where e.kind = 'report'

-- query: interaction_reason_row
-- about: none
-- column: reason text open "Reason of declining"
-- column: n text open "Referrals"
select null as reason, null as n from pack_entry e where e.kind = 'report'

-- What a head should look at first.
-- query: interaction_word
-- about: none
-- internal: from_id to_id from_own to_own
-- column: from_id int open
-- column: to_id int open
-- column: from_own int open
-- column: to_own int open
-- column: from_name text open "Who sends"
-- column: to_name text open "Who receives"
-- column: sent int open "Sent"
-- column: silent int open "No answer in time"
-- column: declined int open "Declined"
-- column: late int open "Open behind the date due"
select 0 as from_id, 0 as to_id, 0 as from_own, 0 as to_own, null as from_name, null as to_name, 0 as sent, 0 as silent, 0 as declined, 0 as late
from pack_entry e
where e.kind = 'report'

-- query: interaction_choice
-- about: none
-- column: code text open
-- column: label text open
-- column: chosen int open
select e.key as code, null as label, 0 as chosen from pack_entry e where e.kind = 'report'

-- `bereg check`: pairs and months whose sums are not those of the referrals themselves.
-- query: sums_differ
-- for: rule
-- scan: all of them, by the operator
-- column: month int open
-- column: from_body_id int open
-- column: to_body_id int open
select x.month, x.from_body_id, x.to_body_id
from (select year_month(e.day) as month, e.body_id as from_body_id, e.other_body_id as to_body_id, count(*) as sent,
             count(case when r.state = 'declined' then 1 end) as declined, count(case when r.state = 'done' then 1 end) as done,
             count(case when r.state = 'not_done' then 1 end) as not_done, count(case when r.state = 'withdrawn' then 1 end) as withdrawn
      from event e
      join referral r on r.id = e.object_id
      where e.kind = 'referral.sent' and e.object = 'referral'
      group by year_month(e.day), e.body_id, e.other_body_id) x
left join (select s.month, s.from_body_id, s.to_body_id, sum(s.sent) as sent, sum(s.declined) as declined, sum(s.done) as done,
                  sum(s.not_done) as not_done, sum(s.withdrawn) as withdrawn
           from interaction_sum s
           group by s.month, s.from_body_id, s.to_body_id) y
     on y.month = x.month and y.from_body_id = x.from_body_id and y.to_body_id = x.to_body_id
where y.month is null or x.sent <> y.sent or x.declined <> y.declined or x.done <> y.done or x.not_done <> y.not_done
   or x.withdrawn <> y.withdrawn
order by x.month, x.from_body_id, x.to_body_id
limit 100

-- query: interaction_districts
-- about: none
-- scan: some dozen districts
select d.id, d.name from district d order by d.name, d.id
