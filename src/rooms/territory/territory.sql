-- Districts of the region. They tell nothing about persons.

-- query: district_list
-- about: none
-- sort: name = d.name_key, d.id ; code = d.code, d.id
-- page: 100
select d.id, d.code, d.name {keys}
from district d
where {after}
order by {order}
limit :limit

-- query: district_options
-- about: none
-- scan: the districts of one region
select d.id, d.name
from district d
order by d.name_key

-- query: district_card
-- about: none
-- one
select d.id, d.version, d.code, d.name
from district d
where d.id = :id

-- query: district_all
-- for: rule
-- scan: the districts of one region
select d.id, d.code, d.name, d.name_key
from district d
order by d.name_key

-- query: district_by_code
-- for: rule
-- maybe
select d.id, d.name
from district d
where d.code = :code

-- query: district_by_key
-- for: rule
-- maybe
select d.id, d.name
from district d
where d.name_key = :name_key

-- query: district_by_id
-- for: rule
-- maybe
select d.id, d.code, d.name
from district d
where d.id = :id
