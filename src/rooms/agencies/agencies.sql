-- Bodies that take part. By themselves they tell nothing about persons.

-- query: body_list
-- about: none
-- sort: name = b.name_key, b.id
-- page: 50
-- column: district text open "District"
-- column: paused_until date open "Intake is paused until"
select b.id, b.name, b.kind, d.name as district, b.phone, b.address, b.contact, b.active,
       case when b.paused_until >= :today then b.paused_until end as paused_until {keys}
from body b
left join district d on d.id = b.district_id
where {after}
  and b.kind = :kind                     --? kind
  and b.district_id = :district          --? district
  and b.active = :active                 --? active
  and b.active = 1 and b.head_account_id is null and exists (select c.id from account c where c.body_id = b.id and c.active = 1) --? headless
  and (b.name_key like :words or exists (select o.id from body_former o where o.body_id = b.id and o.name_key like :old_words)) --? words
order by {order}
limit :limit

-- query: body_card
-- about: none
-- one
-- column: district text open "District"
-- column: head text open "Head"
-- column: coordinator text open "Coordinating body"
-- column: paused_until date open "Intake is paused until"
-- column: successor text open "Successor"
select b.id, b.version, b.name, b.kind, b.district_id, d.name as district, b.phone, b.address, b.contact, b.active,
       b.head_account_id, h.name as head, b.coordinator_id, c.name as coordinator,
       case when b.paused_until >= :today then b.paused_until end as paused_until, b.pause_reason,
       b.successor_id, s.name as successor
from body b
left join district d on d.id = b.district_id
left join account h on h.id = b.head_account_id
left join body c on c.id = b.coordinator_id
left join body s on s.id = b.successor_id
where b.id = :id

-- query: body_all_options
-- about: none
-- internal: kind district_id paused_until
-- scan: the bodies of one region
select b.id, b.name, b.kind, b.district_id, b.paused_until
from body b
where b.active = 1
order by b.name_key, b.id

-- query: body_facts
-- for: rule
-- maybe
select b.id, b.version, b.name, b.kind, b.district_id, b.discloses, b.active, b.head_account_id, b.coordinator_id,
       b.paused_until
from body b
where b.id = :id

-- query: body_of_place
-- for: rule
-- maybe
select b.id
from body b
where b.kind = :kind and b.district_id = :district and b.active = 1
order by b.id
limit 1

-- query: body_by_key
-- for: rule
-- maybe
select b.id
from body b
where b.name_key = :name_key
order by b.id
limit 1

-- query: body_roles
-- for: rule
select distinct c.role
from account c
where c.body_id = :body and c.active = 1

-- The successor of a closed body of the place.
-- query: body_after
-- for: rule
-- maybe
select s.id
from body b
join body s on s.id = b.successor_id
where b.kind = :kind and b.district_id = :district and b.active = 0 and s.active = 1
order by b.id desc
limit 1

-- query: body_former_names
-- about: none
select f.id, f.name, f.since, f.until
from body_former f
where f.body_id = :body
order by f.until desc, f.id desc

-- query: body_former_last
-- for: rule
-- maybe
select f.until
from body_former f
where f.body_id = :body
order by f.until desc
limit 1

-- query: body_head_of
-- for: rule
-- maybe
select c.id
from body b
join account c on c.id = b.head_account_id
where b.id = :id and c.active = 1 and c.body_id = b.id

-- query: body_worker
-- for: rule
-- maybe
select c.id from account c where c.id = :id and c.body_id = :body and c.active = 1

-- query: body_workers
-- for: rule
select c.id, c.role
from account c
where c.body_id = :body and c.active = 1
order by c.login

-- query: worker_options
-- about: none
select c.id, c.name, c.post
from account c
where c.body_id = :body and c.active = 1
order by c.login

-- query: body_successors
-- about: none
-- scan: the bodies of one region
select b.id, b.name
from body b
where b.active = 1 and b.kind = :kind and b.id <> :but
order by b.name_key, b.id

-- A body that has a successor gets that one's successor instead: the chain is one step long.
-- query: successors_forward
-- for: write
update body set successor_id = :to_body where successor_id = :from_body

-- query: coordinators_forward
-- for: write
update body set coordinator_id = :to_body where coordinator_id = :from_body
