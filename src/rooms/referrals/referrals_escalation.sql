-- What is late, and what the coordinating body sees of it: numbers of referrals and bodies, nobody's name and no need.

-- query: referrals_late
-- for: rule
-- scan: the open referrals, once an hour
select r.id, r.next_on, r.escalation
from referral r
where r.owing_body_id is not null and r.next_on < :today and r.id > :after
order by r.id
limit :rows

-- query: delay_list
-- about: none
-- scan: what has been told to the coordinator: some hundred of a region
-- column: late int open "Working days overdue"
-- internal: owing_body_id waiting_body_id
-- sort: due = r.next_on, r.id
-- page: 50
select r.id, r.number, r.owing_body_id, r.waiting_body_id, o.name as owing_name, o.phone as owing_phone, w.name as waiting_name, r.state, r.sent_on, r.next_on,
       null as late {keys}
from referral r
join body o on o.id = r.owing_body_id
join body w on w.id = r.waiting_body_id
where r.owing_body_id is not null and r.next_on < :today and r.escalation >= :level and (o.coordinator_id is null or o.coordinator_id = :viewer_body)
  and r.owing_body_id = :body           --? body
  and {after}
order by {order}
limit :limit

-- How much each body owes, of what has been told.
-- query: delay_figures
-- about: none
-- scan: what has been told to the coordinator: some hundred of a region
-- column: n int open "Overdue"
-- column: oldest date open "The oldest"
select o.id, o.name, count(*) as n, min(r.next_on) as oldest
from referral r
join body o on o.id = r.owing_body_id
where r.owing_body_id is not null and r.next_on < :today and r.escalation >= :level and (o.coordinator_id is null or o.coordinator_id = :viewer_body)
group by o.id, o.name
order by count(*) desc, o.id
limit 500
