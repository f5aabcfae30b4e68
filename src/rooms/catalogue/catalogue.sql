-- What bodies offer. It tells nothing about persons. Where a confidential place lies is read by catalogue_place_own and the rules only.

-- For workers: all services, with what is chosen.
-- query: catalogue_list
-- about: none
-- sort: name = s.name_key, s.id ; checked = s.checked_on, s.id
-- page: 50
-- column: body_name text open "Body"
-- column: needs text open "Needs"
select s.id, s.name, s.body_id, b.name as body_name, s.state, s.public, s.capacity, s.free, s.free_on, s.wait_days, s.wait_on,
       s.measured_days, s.checked_on, null as needs {keys}
from catalogue_service s
join body b on b.id = s.body_id
where b.active = 1 and {after}
  and s.body_id = :body                                                                                        --? body
  and s.state = :state                                                                                         --? state
  and s.checked_on < :older                                                                                    --? older
  and exists (select n.id from catalogue_need n where n.service_id = s.id and n.need = :need)                  --? need
  and (exists (select r.id from catalogue_area r where r.service_id = s.id and r.district_id = :district) or not exists (select r.id from catalogue_area r where r.service_id = s.id)) --? district
  and s.words like :word1                                                                                      --? word1
  and s.words like :word2                                                                                      --? word2
  and s.words like :word3                                                                                      --? word3
  and s.words like :word4                                                                                      --? word4
order by {order}
limit :limit

-- The public page: what the body has marked for it, is given today, by a body that takes part.
-- query: catalogue_public
-- about: none
-- sort: name = s.name_key, s.id
-- page: 20
-- column: body_name text open "Body"
-- column: needs text open "Needs"
select s.id, s.name, b.name as body_name, s.state, s.description, s.phone, s.free, s.free_on, s.wait_days, s.wait_on, s.measured_days,
       null as needs {keys}
from catalogue_service s
join body b on b.id = s.body_id
where s.public = 1 and s.state <> 'closed' and b.active = 1
  and (s.valid_from is null or s.valid_from <= :today) and (s.valid_to is null or s.valid_to >= :today)
  and {after}
  and exists (select n.id from catalogue_need n where n.service_id = s.id and n.need = :need)                  --? need
  and (exists (select r.id from catalogue_area r where r.service_id = s.id and r.district_id = :district) or not exists (select r.id from catalogue_area r where r.service_id = s.id)) --? district
  and exists (select t.id from catalogue_at t join catalogue_place p on p.id = t.place_id where t.service_id = s.id and p.city_key = :city and p.confidential = 0 and p.active = 1) --? city
  and (exists (select w.id from catalogue_audience w where w.service_id = s.id and w.category = :category) or not exists (select w.id from catalogue_audience w where w.service_id = s.id)) --? category
  and s.words like :word1                                                                                      --? word1
  and s.words like :word2                                                                                      --? word2
  and s.words like :word3                                                                                      --? word3
  and s.words like :word4                                                                                      --? word4
order by {order}
limit :limit

-- query: catalogue_public_count
-- for: count
-- one
-- scan: the services of one region
-- column: n int open
select count(*) as n
from catalogue_service s
join body b on b.id = s.body_id
where s.public = 1 and s.state <> 'closed' and b.active = 1
  and (s.valid_from is null or s.valid_from <= :today) and (s.valid_to is null or s.valid_to >= :today)
  and exists (select n.id from catalogue_need n where n.service_id = s.id and n.need = :need)                  --? need
  and (exists (select r.id from catalogue_area r where r.service_id = s.id and r.district_id = :district) or not exists (select r.id from catalogue_area r where r.service_id = s.id)) --? district
  and exists (select t.id from catalogue_at t join catalogue_place p on p.id = t.place_id where t.service_id = s.id and p.city_key = :city and p.confidential = 0 and p.active = 1) --? city
  and (exists (select w.id from catalogue_audience w where w.service_id = s.id and w.category = :category) or not exists (select w.id from catalogue_audience w where w.service_id = s.id)) --? category
  and s.words like :word1                                                                                      --? word1
  and s.words like :word2                                                                                      --? word2
  and s.words like :word3                                                                                      --? word3
  and s.words like :word4                                                                                      --? word4

-- What is to be looked at again.
-- query: catalogue_old
-- for: count
-- one
-- scan: the services of one region
-- column: n int open
select count(*) as n
from catalogue_service s
join body b on b.id = s.body_id
where s.checked_on < :older and s.state <> 'closed' and b.active = 1
  and s.body_id = :body                                                                                        --? body

-- One service; public: only as the public page may show it.
-- query: catalogue_card
-- about: none
-- one
-- column: body_name text open "Body"
-- column: hours text open "Opening hours"
select s.id, s.version, s.uuid, s.body_id, b.name as body_name, s.name, s.description, s.state, s.public, s.conditions, s.sex, s.min_age,
       s.max_age, s.apply_how, s.documents, s.cost, s.fees, s.hours, s.languages, s.phone, s.email, s.url, s.capacity, s.free,
       s.free_on, s.wait_days, s.wait_on, s.measured_days, s.measured_on, s.valid_from, s.valid_to, s.checked_on
from catalogue_service s
join body b on b.id = s.body_id
where s.id = :id
  and s.public = :public and s.state <> 'closed' and b.active = 1 and (s.valid_from is null or s.valid_from <= :today) and (s.valid_to is null or s.valid_to >= :today) --? public

-- Their words are filled by the rule.
-- query: catalogue_needs
-- about: none
-- column: label text open
select n.id, n.need, null as label from catalogue_need n where n.service_id = :service order by n.need

-- query: catalogue_audiences
-- about: none
-- column: label text open
select w.id, w.category, null as label from catalogue_audience w where w.service_id = :service order by w.category

-- query: catalogue_areas
-- about: none
-- column: name text open "District"
select r.id, r.district_id, d.name as name
from catalogue_area r join district d on d.id = r.district_id
where r.service_id = :service
order by d.name_key

-- Places that are told to everybody.
-- query: catalogue_places_open
-- about: none
-- column: district text open "District"
select p.id, p.name, p.address, p.city, d.name as district, p.province, p.postal_code, p.phone, p.access, p.route_there
from catalogue_at t
join catalogue_place p on p.id = t.place_id
left join district d on d.id = p.district_id
where t.service_id = :service and p.confidential = 0 and p.active = 1
order by p.id

-- query: catalogue_hidden_places
-- for: rule
-- maybe
select p.id
from catalogue_at t
join catalogue_place p on p.id = t.place_id
where t.service_id = :service and p.confidential = 1
order by p.id
limit 1

-- The body's own places, with those of a service marked.
-- query: catalogue_place_own
-- about: none
-- column: district text open "District"
-- column: chosen int open
select p.id, p.name, p.address, p.city, d.name as district, p.phone, p.access, p.confidential, p.active,
       (select count(*) from catalogue_at t where t.place_id = p.id and t.service_id = :service) as chosen
from catalogue_place p
left join district d on d.id = p.district_id
where p.body_id = :body
order by p.id

-- query: catalogue_place_card
-- about: none
-- one
-- column: body_name text open "Body"
select p.id, p.version, p.body_id, b.name as body_name, p.name, p.address, p.city, p.district_id, p.province, p.postal_code, p.country,
       p.phone, p.access, p.route_there, p.confidential, p.active
from catalogue_place p
join body b on b.id = p.body_id
where p.id = :id

-- Marks of a page; made by it.
-- query: catalogue_choice
-- about: none
-- scan: never more than one row
-- column: value text open
-- column: label text open
-- column: chosen int open
select null as value, null as label, null as chosen from catalogue_service s where s.id = 0

-- Bodies that offer what is needed, for the referral form; ordered by the rule.
-- query: catalogue_offers
-- about: none
-- scan: the services of one need
-- column: body_name text open "Body"
-- column: district_id int open
-- column: near int open
select s.id, s.name, s.body_id, b.name as body_name, b.kind as body_kind, b.district_id as district_id, s.state, s.capacity, s.free,
       s.free_on, s.wait_days, s.wait_on, s.measured_days, s.measured_on, s.conditions,
       (select count(*) from catalogue_area r where r.service_id = s.id and r.district_id = :district) as near
from catalogue_need n
join catalogue_service s on s.id = n.service_id
join body b on b.id = s.body_id
where n.need = :need and s.state <> 'closed' and b.active = 1
  and (s.valid_from is null or s.valid_from <= :today) and (s.valid_to is null or s.valid_to >= :today)
  and (exists (select r.id from catalogue_area r where r.service_id = s.id and r.district_id = :district) or not exists (select r.id from catalogue_area r where r.service_id = s.id)) --? district
order by s.name_key, s.id
limit 500

-- query: catalogue_sample_service
-- for: rule
-- maybe
select s.id from catalogue_service s where s.id > 0 order by s.id limit 1

-- query: catalogue_sample_public
-- for: rule
-- maybe
-- scan: the first that fits
select s.id
from catalogue_service s
join body b on b.id = s.body_id
where s.public = 1 and s.state <> 'closed' and b.active = 1
  and (s.valid_from is null or s.valid_from <= :today) and (s.valid_to is null or s.valid_to >= :today)
order by s.id
limit 1

-- query: catalogue_sample_own
-- for: rule
-- maybe
select s.id from catalogue_service s where s.body_id = :body order by s.id limit 1

-- query: catalogue_sample_place
-- for: rule
-- maybe
select p.id from catalogue_place p where p.body_id = :body order by p.id limit 1

-- query: catalogue_sample_import
-- for: rule
-- maybe
select i.id from catalogue_import i where i.id > 0 order by i.id desc limit 1

-- query: catalogue_facts
-- for: rule
-- maybe
select s.id, s.version, s.uuid, s.body_id, s.name, s.description, s.conditions, s.state, s.capacity, s.free, s.wait_days, s.measured_days, s.measured_on
from catalogue_service s
where s.id = :id

-- query: catalogue_place_facts
-- for: rule
-- maybe
select p.id, p.version, p.uuid, p.body_id, p.confidential, p.active
from catalogue_place p
where p.id = :id

-- query: catalogue_services_of
-- for: rule
select s.id from catalogue_service s where s.body_id = :body order by s.id

-- query: catalogue_services_after
-- for: rule
select s.id, s.body_id from catalogue_service s where s.id > :after order by s.id limit :rows

-- query: catalogue_services_at
-- for: rule
select t.service_id from catalogue_at t where t.place_id = :place order by t.service_id

-- query: catalogue_ats
-- for: rule
select t.id, t.uuid, t.place_id from catalogue_at t where t.service_id = :service order by t.uuid

-- query: catalogue_body_of
-- for: rule
-- maybe
select c.id, c.uuid, c.description, c.email, c.url from catalogue_body c where c.body_id = :body

-- query: catalogue_body_by_uuid
-- for: rule
-- maybe
select c.id, c.body_id, c.description, c.email, c.url from catalogue_body c where c.uuid = :uuid

-- query: catalogue_service_by_uuid
-- for: rule
-- maybe
select s.id, s.body_id from catalogue_service s where s.uuid = :uuid

-- query: catalogue_place_by_uuid
-- for: rule
-- maybe
select p.id, p.body_id from catalogue_place p where p.uuid = :uuid

-- What a file of HSDS holds: services on the public page, with their bodies.
-- query: catalogue_export_services
-- for: rule
-- scan: the whole catalogue is given out
select s.id
from catalogue_service s
join body b on b.id = s.body_id
where s.public = 1 and b.active = 1
order by s.uuid

-- query: catalogue_need_drop
-- for: write
delete from catalogue_need where service_id = :service

-- query: catalogue_audience_drop
-- for: write
delete from catalogue_audience where service_id = :service

-- query: catalogue_area_drop
-- for: write
delete from catalogue_area where service_id = :service

-- query: catalogue_at_drop
-- for: write
delete from catalogue_at where service_id = :service and place_id = :place

-- query: catalogue_services_forward
-- for: write
update catalogue_service set body_id = :to_body where body_id = :from_body

-- query: catalogue_places_forward
-- for: write
update catalogue_place set body_id = :to_body where body_id = :from_body

-- query: catalogue_import_card
-- about: none
-- one
select i.id, i.version, i.file_name, i.created_at, i.kind, i.applied_at
from catalogue_import i
where i.id = :id

-- query: catalogue_import_content
-- for: rule
-- maybe
select i.id, i.file_name, i.kind, i.content, i.applied_at
from catalogue_import i
where i.id = :id

-- query: catalogue_import_forget
-- for: write
update catalogue_import set content = null where created_at < :before

-- Lines of a preview; made by the page.
-- query: catalogue_line
-- about: none
-- scan: never more than one row
-- column: kind text open
-- column: name text open "Service"
-- column: place text open "Place in the file"
-- column: field text open "Field"
-- column: words text open "What"
select null as kind, null as name, null as place, null as field, null as words from catalogue_service s where s.id = 0
