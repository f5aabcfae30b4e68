-- Bodies that take part. By themselves they tell nothing about persons.

-- query: body_list
-- about: none
-- sort: name = b.name_key, b.id
-- page: 50
-- column: district text open "District"
select b.id, b.name, b.kind, d.name as district, b.phone, b.address, b.contact, b.active {keys}
from body b
left join district d on d.id = b.district_id
where {after}
  and b.kind = :kind                     --? kind
  and b.district_id = :district          --? district
  and b.active = :active                 --? active
  and b.name_key like :words             --? words
order by {order}
limit :limit

-- query: body_card
-- about: none
-- one
-- column: district text open "District"
select b.id, b.version, b.name, b.kind, b.district_id, d.name as district, b.phone, b.address, b.contact, b.active
from body b
left join district d on d.id = b.district_id
where b.id = :id

-- query: body_all_options
-- about: none
-- internal: kind district_id
-- scan: the bodies of one region
select b.id, b.name, b.kind, b.district_id
from body b
where b.active = 1
order by b.name_key, b.id

-- query: body_facts
-- for: rule
-- maybe
select b.id, b.version, b.name, b.kind, b.district_id, b.discloses, b.active
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
