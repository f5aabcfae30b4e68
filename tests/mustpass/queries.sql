-- Queries that tools/querycomp must accept; the tests compile what it writes.

-- query: person_list
-- about: id bits recheck_at
-- uses:  identity
-- sort:  name = a.name_key, a.person_id ; newest = a.person_id desc
-- page:  20
select p.id, p.family_name, p.given_name, p.birth_date, p.hiv_status, p.category, a.bits, a.recheck_at {keys}
from access a
join person p on p.id = a.person_id
where a.body_id = :viewer_body and (a.bits & :uses) = :uses
  and p.district_id = :district            --? district
  and a.name_key >= :from                  --? from
  and p.category is null                   --? unsorted
  and {after}
order by {order}
limit :limit;

-- query: person_card
-- about: id bits recheck_at
-- one
-- column: district text open "District of residence"
-- column: full_name text identity "Full name"
select p.id, p.family_name || ' ' || coalesce(p.given_name, '') as full_name, p.birth_date, d.name as district,
       h.disability, a.bits, a.recheck_at
from person p
join access a on a.person_id = p.id and a.body_id = :viewer_body
left join district d on d.id = p.district_id
left join health h on h.person_id = p.id
where p.id = :id

-- query: person_find
-- about: person_id bits recheck_at
-- maybe
-- uses: identity
select a.person_id, a.bits, a.recheck_at from access a
where a.body_id = :viewer_body and (a.bits & :uses) = :uses and a.name_key = :name_key

-- query: note_list
-- about: person_id bits recheck_at
-- discloses: body_name body_id
-- sort: newest = n.id desc
select n.id, n.person_id, n.body_id, b.name as body_name, n.text, n.classes, n.made_at, a.bits, a.recheck_at {keys}
from note n
join body b on b.id = n.body_id
join access a on a.person_id = n.person_id and a.body_id = :viewer_body
where n.person_id = :person and {after}
order by {order} limit :limit

-- query: pair_list
-- about: a_id a_bits a_recheck
-- about: b_ b_id b_bits b_recheck
-- internal: score
select pair.a_id, pair.b_id, pair.score, p.family_name as a_name, q.family_name as b_name, x.bits as a_bits,
       x.recheck_at as a_recheck, y.bits as b_bits, y.recheck_at as b_recheck
from pair
join person p on p.id = pair.a_id
join person q on q.id = pair.b_id
join access x on x.person_id = p.id and x.body_id = :viewer_body
join access y on y.person_id = q.id and y.body_id = :viewer_body
order by pair.score, pair.id limit :limit

-- query: body_names
-- about: none
select b.id, b.name, b.kind from body b order by b.name

-- query: both_names
-- about: id bits recheck_at
-- column: id int open
-- column: bits int open
-- column: recheck_at instant open
-- column: name text identity "Name"
select p.id, p.family_name as name, a.bits, a.recheck_at
from access a join person p on p.id = a.person_id where a.body_id = :viewer_body
union all
select p.id, p.given_name, a.bits, a.recheck_at
from access a join person p on p.id = a.person_id where a.body_id = :viewer_body

-- query: through_with
-- about: id bits recheck_at
-- uses: identity
with mine as (
    select a.person_id, a.bits, a.recheck_at from access a
    where a.body_id = :viewer_body and (a.bits & :uses) = :uses and a.name_key >= :from
)
select s.id, s.family_name, m.bits, m.recheck_at
from mine m join (select p.id, p.family_name from person p) s on s.id = m.person_id

-- query: person_plain
-- for: rule
-- sort: id = p.id
-- column: years int open
select p.id, p.family_name, years_between(p.birth_date, :today) as years {keys}
from person p where {after}
   and p.hiv_status = :status --? status
order by {order} limit :limit

-- query: has_note
-- for: rule
-- one
-- column: n int open
select count(*) as n from note where person_id = :person

-- query: counts
-- for: count
-- column: n int open "Persons"
-- scan: a report over everything
select p.category, count(*) as n from person p group by p.category

-- query: trace_add
-- for: write
insert into trace (person_id, text, n) select p.id, :text, :now from person p
where p.district_id = :district and :viewer_body > 0 and p.note <> :text

-- query: person_touch
-- for: write
update person set version = version + 1

-- query: note_by_text
-- about: person_id bits recheck_at
select n.person_id, n.classes, n.text, a.bits, a.recheck_at
from note n
join access a on a.person_id = n.person_id and a.body_id = :viewer_body
where n.text like :text and (a.bits & :role_bits & n.classes) = n.classes & :plain_classes

-- query: person_facts
-- about: id bits recheck_at
-- one
-- column: disability code health list=disability
-- column: last_note text open from=classes
-- column: initials text identity
select p.id, (select h.disability from health h where h.person_id = p.id) as disability,
       substr(n.text, 1, 100) as last_note, n.classes, substr(p.family_name, 1, 1) as initials, a.bits, a.recheck_at
from person p
left join access a on a.person_id = p.id and a.body_id = :viewer_body
left join (select m.person_id, m.text, m.classes from note m where m.body_id = :viewer_body) n on n.person_id = p.id
where p.id = :id

-- query: timeline
-- about: person_id bits recheck_at
-- column: person_id int open
-- column: at instant open
-- column: text text open from=classes
-- column: classes int open
-- column: bits int open
-- column: recheck_at instant open
-- column: name text identity
select s.person_id, s.at, s.text, s.classes, s.name, a.bits, a.recheck_at
from access a
join (select n.person_id, n.made_at as at, n.text, n.classes, '' as name from note n where n.person_id = :person
      union all
      select p.id, 0, '', 0, p.family_name from person p where p.id = :person) s on s.person_id = a.person_id
where a.body_id = :viewer_body
order by s.at
