-- Questions of the search. All have the same columns (people_find.c copies the rows); `own`: the viewer's body knows the
-- person. The first of each pair finds persons of the viewer's body, the second (_any) all but restricted ones.

-- query: find_name
-- for: rule
-- column: own int open
-- column: other text open
-- column: other_kind text open
-- column: classes int open
select p.id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, p.birth_place,
       p.snils, p.iin, p.phone, p.address, p.district_id, p.lead_body_id, a.person_id as own, null as other,
       null as other_kind, null as classes
from access a
join person p on p.id = a.person_id
where a.body_id = :viewer_body and a.name_key >= :q and a.name_key < :q_end
order by a.name_key, a.person_id
limit 40

-- query: find_name_any
-- for: rule
-- like: find_name
select p.id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, p.birth_place,
       p.snils, p.iin, p.phone, p.address, p.district_id, p.lead_body_id, a.person_id as own, null as other,
       null as other_kind, null as classes
from person p
left join access a on a.body_id = :viewer_body and a.person_id = p.id
where p.name_key >= :q and p.name_key < :q_end and p.merged_into is null
  and not exists (select x.id from restriction x where x.person_id = p.id and x.ended_at is null
                  and not exists (select n.id from restriction_viewer n where n.person_id = p.id and n.body_id = :viewer_body
                                  and (n.account_id is null or n.account_id = :viewer_account)))
order by p.name_key, p.birth_date, p.id
limit 40

-- Keys are hashes: sixteen at once, those not needed repeat the first.
-- query: find_keys
-- for: rule
-- like: find_name
-- scan: rows of sixteen keys
select p.id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, p.birth_place,
       p.snils, p.iin, p.phone, p.address, p.district_id, p.lead_body_id, a.person_id as own, null as other,
       null as other_kind, null as classes
from person_key k
join access a on a.body_id = :viewer_body and a.person_id = k.person_id
join person p on p.id = k.person_id
where k.key in (:k0, :k1, :k2, :k3, :k4, :k5, :k6, :k7, :k8, :k9, :k10, :k11, :k12, :k13, :k14, :k15)
order by k.key, k.person_id
limit 200

-- query: find_keys_any
-- for: rule
-- like: find_name
-- scan: rows of sixteen keys
select p.id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, p.birth_place,
       p.snils, p.iin, p.phone, p.address, p.district_id, p.lead_body_id, a.person_id as own, null as other,
       null as other_kind, null as classes
from person_key k
join person p on p.id = k.person_id
left join access a on a.body_id = :viewer_body and a.person_id = k.person_id
where k.key in (:k0, :k1, :k2, :k3, :k4, :k5, :k6, :k7, :k8, :k9, :k10, :k11, :k12, :k13, :k14, :k15) and p.merged_into is null
  and not exists (select x.id from restriction x where x.person_id = p.id and x.ended_at is null
                  and not exists (select n.id from restriction_viewer n where n.person_id = p.id and n.body_id = :viewer_body
                                  and (n.account_id is null or n.account_id = :viewer_account)))
order by k.key, k.person_id
limit 200

-- query: find_snils
-- for: rule
-- like: find_name
select p.id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, p.birth_place,
       p.snils, p.iin, p.phone, p.address, p.district_id, p.lead_body_id, a.person_id as own, null as other,
       null as other_kind, null as classes
from person p
left join access a on a.body_id = :viewer_body and a.person_id = p.id
where p.snils = :snils and p.merged_into is null
  and not exists (select x.id from restriction x where x.person_id = p.id and x.ended_at is null
                  and not exists (select n.id from restriction_viewer n where n.person_id = p.id and n.body_id = :viewer_body
                                  and (n.account_id is null or n.account_id = :viewer_account)))
order by p.id
limit 20

-- query: find_iin
-- for: rule
-- like: find_name
select p.id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, p.birth_place,
       p.snils, p.iin, p.phone, p.address, p.district_id, p.lead_body_id, a.person_id as own, null as other,
       null as other_kind, null as classes
from person p
left join access a on a.body_id = :viewer_body and a.person_id = p.id
where p.iin = :iin and p.merged_into is null
  and not exists (select x.id from restriction x where x.person_id = p.id and x.ended_at is null
                  and not exists (select n.id from restriction_viewer n where n.person_id = p.id and n.body_id = :viewer_body
                                  and (n.account_id is null or n.account_id = :viewer_account)))
order by p.id
limit 20

-- query: find_document
-- for: rule
-- column: own int open
-- column: other text open
-- column: other_kind text open
select p.id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, p.birth_place,
       p.snils, p.iin, p.phone, p.address, p.district_id, p.lead_body_id, a.person_id as own, null as other,
       'document' as other_kind, d.classes
from person_document d
join person p on p.id = d.person_id
left join access a on a.body_id = :viewer_body and a.person_id = d.person_id
where d.number_key = :number and p.merged_into is null
  and not exists (select x.id from restriction x where x.person_id = p.id and x.ended_at is null
                  and not exists (select n.id from restriction_viewer n where n.person_id = p.id and n.body_id = :viewer_body
                                  and (n.account_id is null or n.account_id = :viewer_account)))
order by d.person_id
limit 20

-- query: find_other_name
-- for: rule
-- column: own int open
-- column: classes int open
select p.id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, p.birth_place,
       p.snils, p.iin, p.phone, p.address, p.district_id, p.lead_body_id, a.person_id as own, o.name as other,
       o.kind as other_kind, null as classes
from person_name o
join person p on p.id = o.person_id
left join access a on a.body_id = :viewer_body and a.person_id = o.person_id
where o.name_key >= :q and o.name_key < :q_end and p.merged_into is null
  and not exists (select x.id from restriction x where x.person_id = p.id and x.ended_at is null
                  and not exists (select n.id from restriction_viewer n where n.person_id = p.id and n.body_id = :viewer_body
                                  and (n.account_id is null or n.account_id = :viewer_account)))
order by o.name_key, o.person_id
limit 40

-- Whoever has the word somewhere in the name, among the first of the body: for bodies that are not large.
-- query: find_in_body
-- for: rule
-- like: find_name
-- scan: the first names of one body
select p.id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, p.birth_place,
       p.snils, p.iin, p.phone, p.address, p.district_id, p.lead_body_id, p.id as own, null as other,
       null as other_kind, null as classes
from (select a.person_id, a.name_key from access a where a.body_id = :viewer_body order by a.name_key, a.person_id limit 1000) n
join person p on p.id = n.person_id
where n.name_key like :has
limit 60

-- Persons of the viewer's body that were found, as he may see them.
-- query: person_found
-- about: id bits recheck_at
-- uses:  identity
-- column: born date identity "Year of birth"
-- column: found_by text open "Found by"
-- column: sight text open
-- column: known int open
-- discloses: lead_body lead_body_id
-- internal: lead_body_id
select p.id, p.family_name, p.given_name, p.patronymic, p.birth_date as born, p.lead_body_id, b.name as lead_body,
       null as found_by, null as sight, 1 as known, a.bits, a.recheck_at
from access a
join person p on p.id = a.person_id
left join body b on b.id = p.lead_body_id
where a.body_id = :viewer_body and (a.bits & :uses) = :uses
  and a.person_id in (:p0, :p1, :p2, :p3, :p4, :p5, :p6, :p7, :p8, :p9, :p10, :p11, :p12, :p13, :p14, :p15, :p16, :p17, :p18, :p19,
                      :p20, :p21, :p22, :p23, :p24, :p25, :p26, :p27, :p28, :p29)
order by a.name_key, a.person_id
limit 30

-- query: found_lead
-- for: rule
-- maybe
select b.id, b.name from body b where b.id = :body
