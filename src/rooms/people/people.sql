-- The list of the viewer's body. q and q_end enclose the folded beginning of the name.
-- query: person_list
-- about: id bits recheck_at
-- uses:  identity
-- column: district text contact "District"
-- discloses: lead_body lead_body_id
-- column: category code open list=category
-- column: classes int open
-- internal: lead_body_id category classes
-- sort:  name = a.name_key, a.person_id ; newest = a.person_id desc
-- page:  50
select p.id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, p.sex,
       (select d.name from district d where d.id = p.district_id) as district,
       p.lead_body_id, b.name as lead_body, null as category, null as classes, a.bits, a.recheck_at {keys}
from access a
join person p on p.id = a.person_id
left join body b on b.id = p.lead_body_id
where a.body_id = :viewer_body and (a.bits & :uses) = :uses
  and a.name_key >= :q                     --? q
  and a.name_key < :q_end                  --? q_end
  and a.person_id in (select s.id from person s where s.snils = :snils) --? snils
  and {after}
order by {order}
limit :limit

-- The same columns, for those whose role sees where people live.
-- query: person_list_in_district
-- about: id bits recheck_at
-- uses:  identity contact
-- column: district text contact "District"
-- discloses: lead_body lead_body_id
-- column: category code open list=category
-- column: classes int open
-- internal: lead_body_id category classes
-- sort:  name = a.name_key, a.person_id ; newest = a.person_id desc
-- page:  50
select p.id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, p.sex,
       (select d.name from district d where d.id = p.district_id) as district,
       p.lead_body_id, b.name as lead_body, null as category, null as classes, a.bits, a.recheck_at {keys}
from access a
join person p on p.id = a.person_id
left join body b on b.id = p.lead_body_id
where a.body_id = :viewer_body and (a.bits & :uses) = :uses
  and p.district_id = :district
  and a.name_key >= :q                     --? q
  and a.name_key < :q_end                  --? q_end
  and {after}
order by {order}
limit :limit

-- A category that many have: along the names of the body (`cross join` keeps SQLite to this order).
-- query: person_list_of_category
-- about: id bits recheck_at
-- uses:  identity social
-- column: district text contact "District"
-- discloses: lead_body lead_body_id
-- internal: lead_body_id category classes
-- sort:  name = a.name_key, a.person_id ; newest = a.person_id desc
-- page:  50
select p.id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, p.sex,
       (select d.name from district d where d.id = p.district_id) as district,
       p.lead_body_id, b.name as lead_body, c.category, c.classes, a.bits, a.recheck_at {keys}
from access a
cross join person p
cross join person_category c
left join body b on b.id = p.lead_body_id
where a.body_id = :viewer_body and p.id = a.person_id and c.person_id = a.person_id and (a.bits & :uses) = :uses
  and (a.bits & :role_bits & c.classes) = c.classes & :plain_classes and c.category = :category and c.until is null
  and a.name_key >= :q                     --? q
  and a.name_key < :q_end                  --? q_end
  and {after}
order by {order}
limit :limit

-- query: person_list_of_category_in_district
-- about: id bits recheck_at
-- uses:  identity social contact
-- column: district text contact "District"
-- discloses: lead_body lead_body_id
-- internal: lead_body_id category classes
-- sort:  name = a.name_key, a.person_id ; newest = a.person_id desc
-- page:  50
select p.id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, p.sex,
       (select d.name from district d where d.id = p.district_id) as district,
       p.lead_body_id, b.name as lead_body, c.category, c.classes, a.bits, a.recheck_at {keys}
from access a
cross join person p
cross join person_category c
left join body b on b.id = p.lead_body_id
where a.body_id = :viewer_body and p.id = a.person_id and c.person_id = a.person_id and (a.bits & :uses) = :uses
  and (a.bits & :role_bits & c.classes) = c.classes & :plain_classes and c.category = :category and c.until is null
  and p.district_id = :district
  and a.name_key >= :q                     --? q
  and a.name_key < :q_end                  --? q_end
  and {after}
order by {order}
limit :limit

-- A category that few have: from its persons.
-- query: person_list_of_rare_category
-- scan: those of one category, fewer than 10,000
-- like: person_list_of_category
-- sort:  name = a.name_key, a.person_id ; newest = a.person_id desc
-- page:  50
select p.id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, p.sex,
       (select d.name from district d where d.id = p.district_id) as district,
       p.lead_body_id, b.name as lead_body, c.category, c.classes, a.bits, a.recheck_at {keys}
from person_category c
cross join access a
cross join person p
left join body b on b.id = p.lead_body_id
where a.body_id = :viewer_body and a.person_id = c.person_id and p.id = c.person_id and (a.bits & :uses) = :uses
  and (a.bits & :role_bits & c.classes) = c.classes & :plain_classes and c.category = :category and c.until is null
  and a.name_key >= :q                     --? q
  and a.name_key < :q_end                  --? q_end
  and {after}
order by {order}
limit :limit

-- query: person_list_of_rare_category_in_district
-- scan: those of one category, fewer than 10,000
-- like: person_list_of_category_in_district
-- sort:  name = a.name_key, a.person_id ; newest = a.person_id desc
-- page:  50
select p.id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, p.sex,
       (select d.name from district d where d.id = p.district_id) as district,
       p.lead_body_id, b.name as lead_body, c.category, c.classes, a.bits, a.recheck_at {keys}
from person_category c
cross join access a
cross join person p
left join body b on b.id = p.lead_body_id
where a.body_id = :viewer_body and a.person_id = c.person_id and p.id = c.person_id and (a.bits & :uses) = :uses
  and (a.bits & :role_bits & c.classes) = c.classes & :plain_classes and c.category = :category and c.until is null
  and p.district_id = :district
  and a.name_key >= :q                     --? q
  and a.name_key < :q_end                  --? q_end
  and {after}
order by {order}
limit :limit

-- How many have a category now, as far as it matters for the way to them.
-- query: category_many
-- for: rule
-- maybe
select c.id, c.category, c.classes
from person_category c
where c.category = :category and c.until is null
order by c.id
limit 1 offset 9999

-- query: person_card
-- one
-- about: id bits recheck_at
-- column: district text contact "District"
-- discloses: lead_body lead_body_id
-- discloses: lead_phone lead_body_id
-- internal: lead_body_id
select p.id, p.version, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, p.sex, p.birth_place,
       p.identity_status, p.snils, p.iin, p.death_date, p.signs, p.district_id,
       (select d.name from district d where d.id = p.district_id) as district,
       p.address, p.phone, p.met_at, p.lead_body_id, b.name as lead_body, b.phone as lead_phone, p.created_at,
       a.bits, a.recheck_at
from access a
join person p on p.id = a.person_id
left join body b on b.id = p.lead_body_id
where a.body_id = :viewer_body and a.person_id = :id

-- In the order of person_form.
-- query: person_edit_row
-- one
-- about: id bits recheck_at
select p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, p.sex, p.birth_place,
       p.identity_status, p.snils, p.iin, p.death_date, p.signs, p.district_id, p.address, p.phone, p.met_at, p.id, p.version, a.bits, a.recheck_at
from access a
join person p on p.id = a.person_id
where a.body_id = :viewer_body and a.person_id = :id

-- Who changed the card last.
-- query: person_last_change
-- maybe
-- about: person_id bits recheck_at
-- discloses: account account_body_id
-- discloses: body account_body_id
-- internal: person_id account_body_id
select e.id, a.person_id, e.at, c.name as account, c.body_id as account_body_id, b.name as body, a.bits, a.recheck_at
from event e
join access a on a.body_id = :viewer_body and a.person_id = :person
join account c on c.id = e.account_id
join body b on b.id = c.body_id
where e.person_id = :person and e.kind = 'person.changed'
order by e.id desc
limit 1

-- query: person_categories
-- about: person_id bits recheck_at
-- discloses: body body_id
-- owner: body_id
-- internal: person_id body_id classes
select c.id, c.version, c.person_id, c.category, c.since, c.until, c.channel, c.body_id, b.name as body,
       c.created_at, c.classes, a.bits, a.recheck_at
from person_category c
join access a on a.body_id = :viewer_body and a.person_id = c.person_id
join body b on b.id = c.body_id
where c.person_id = :person and (a.bits & :role_bits & c.classes) = c.classes & :plain_classes
order by c.id desc
limit 100

-- query: person_category_row
-- one
-- about: person_id bits recheck_at
-- internal: classes
select c.id, c.version, c.person_id, c.category, c.since, c.until, c.channel, c.body_id, c.classes, a.bits, a.recheck_at
from person_category c
join access a on a.body_id = :viewer_body and a.person_id = c.person_id
where c.id = :id and c.person_id = :person and c.body_id = :viewer_body
  and (a.bits & :role_bits & c.classes) = c.classes & :plain_classes

-- query: person_districts
-- about: none
-- column: chosen int open
-- internal: chosen
-- scan: a region has some dozens of districts
select d.id, d.name, case when d.id = :chosen then 1 else 0 end as chosen from district d order by d.name_key, d.id

-- Statements of rules.

-- query: person_facts
-- for: rule
-- maybe
select p.id, p.version, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, p.sex,
       p.birth_place, p.identity_status, p.snils, p.iin, p.death_date, p.signs, p.district_id, p.address, p.phone, p.met_at,
       p.name_key, p.lead_body_id, p.import_id
from person p
where p.id = :id

-- Cards that were joined with this one.
-- query: persons_joined
-- for: rule
select p.id, p.family_name, p.given_name, p.patronymic from person p where p.merged_into = :id order by p.id

-- query: listing_by_key
-- for: rule
-- maybe
-- column: hidden int open
select l.id, l.person_id,
       (select count(*) from restriction x where x.person_id = l.person_id and x.ended_at is null
          and not exists (select n.id from restriction_viewer n where n.person_id = l.person_id and n.body_id = :viewer_body
                          and (n.account_id is null or n.account_id = :viewer_account))) as hidden
from listing l
where l.body_id = :body and l.list = :list and l.row_key = :row_key

-- query: person_by_snils
-- for: rule
-- column: own int open
select p.id, p.name_key, p.birth_date, p.snils, p.birth_place,
       (select count(*) from listing l where l.person_id = p.id and l.body_id = :body) as own
from person p
where p.snils = :snils and p.merged_into is null
  and not exists (select x.id from restriction x where x.person_id = p.id and x.ended_at is null
                  and not exists (select n.id from restriction_viewer n where n.person_id = p.id and n.body_id = :viewer_body
                                  and (n.account_id is null or n.account_id = :viewer_account)))
order by p.id
limit 10

-- query: person_by_name
-- for: rule
-- column: own int open
select p.id, p.name_key, p.birth_date, p.snils, p.birth_place,
       (select count(*) from listing l where l.person_id = p.id and l.body_id = :body) as own
from person p
where p.name_key = :name_key and p.birth_date = :birth_date and p.merged_into is null
  and not exists (select x.id from restriction x where x.person_id = p.id and x.ended_at is null
                  and not exists (select n.id from restriction_viewer n where n.person_id = p.id and n.body_id = :viewer_body
                                  and (n.account_id is null or n.account_id = :viewer_account)))
order by p.id
limit 10

-- query: category_open
-- for: rule
-- maybe
select c.id, c.version, c.channel, c.category, c.classes
from person_category c
where c.person_id = :person and c.category = :category and c.until is null
order by c.id
limit 50

-- query: import_districts
-- for: rule
-- scan: a region has some dozens of districts
select d.id, d.code, d.name from district d order by d.id

-- Imports.

-- query: import_list
-- about: none
-- discloses: account body_id
-- internal: body_id
-- sort:  newest = i.id desc
-- page:  50
select i.id, i.kind, i.list, i.file_name, i.state, i.rows_total, i.rows_new, i.rows_known, i.rows_doubtful,
       i.rows_faulty, i.rows_done, i.created_at, i.finished_at, i.body_id, c.name as account {keys}
from list_import i
join account c on c.id = i.account_id
where i.body_id = :viewer_body
  and i.state = :state                     --? state
  and {after}
order by {order}
limit :limit

-- query: import_card
-- one
-- about: none
-- discloses: account body_id
-- internal: body_id
select i.id, i.version, i.kind, i.list, i.file_name, i.category, i.channel, i.state, i.rows_total, i.rows_checked,
       i.rows_new, i.rows_known, i.rows_doubtful, i.rows_faulty, i.rows_due, i.rows_done, i.created_at,
       i.finished_at, i.body_id, c.name as account
from list_import i
join account c on c.id = i.account_id
where i.id = :id and i.body_id = :viewer_body

-- query: import_columns
-- about: none
select c.id, c.position, c.heading, c.field
from import_column c
where c.import_id = :import
order by c.position

-- How a row of a file stands in the preview: filled by people_import_pages.c from import_row_plain.
-- query: import_row_view
-- about: person_id bits recheck_at
-- internal: person_id
select r.id, r.line, r.state, r.who, r.field, r.cell, r.reason, r.differs, r.decision, r.person_id, a.bits, a.recheck_at
from import_row r
join access a on a.body_id = :viewer_body and a.person_id = r.person_id
where r.import_id = :import

-- query: import_row_plain
-- for: rule
-- sort: line = r.line, r.id
-- page: 50
select r.id, r.line, r.state, r.who, r.field, r.cell, r.reason, r.differs, r.decision {keys}
from import_row r
where r.import_id = :import and r.state = :state
  and {after}
order by {order}
limit :limit

-- query: import_get
-- for: rule
-- maybe
select i.id, i.kind, i.body_id, i.account_id, c.login, i.list, i.file_name, i.category, i.channel, i.state,
       i.rows_total, i.rows_due, i.rows_done
from list_import i
join account c on c.id = i.account_id
where i.id = :id

-- query: imports_waiting
-- for: rule
select i.id, c.login, i.state, i.created_at
from list_import i
join account c on c.id = i.account_id
where i.state in ('parsing', 'checking', 'applying', 'cancelling')
order by i.id

-- query: import_mapping
-- for: rule
select c.id, c.position, c.heading, c.field
from import_column c
where c.import_id = :import
order by c.position

-- query: import_rows_of
-- for: rule
select r.id, r.line, r.cells, r.row_key, r.person_id, r.decision, r.differs
from import_row r
where r.import_id = :import and r.state = :state
  and r.decision is not null               --? decided
order by r.line
limit :rows

-- query: import_faulty
-- for: rule
select r.line, r.state, r.cells, r.field, r.reason
from import_row r
where r.import_id = :import and r.state = :state
order by r.line

-- "+ 0": by the key, not along the lines.
-- query: import_row_twin
-- for: rule
-- maybe
select r.line
from import_row r
where r.import_id = :import and r.row_key = :row_key and r.line + 0 < :line and r.state <> 'faulty'
limit 1

-- query: import_changed_rows
-- for: rule
select r.id, r.person_id, r.before
from import_row r
where r.import_id = :import and r.state = 'applied' and r.before is not null
order by r.line desc
limit :rows

-- query: import_row_add
-- for: write
insert into import_row (import_id, line, state, unreadable, cells, field, cell, reason)
values (:import, :line, :state, :unreadable, :cells, :field, :cell, :reason)

-- query: import_row_direct
-- for: write
insert into import_row (import_id, line, state, who, person_id, before)
values (:import, :line, 'applied', :who, :person, :before)

-- query: import_row_checked
-- for: write
update import_row set state = :state, row_key = :row_key, who = :who, field = :field, cell = :cell, reason = :reason,
  differs = :differs, person_id = :person
where id = :id

-- query: import_row_applied
-- for: write
update import_row set state = :state, person_id = :person, before = :before, field = :field, cell = :cell, reason = :reason
where id = :id

-- query: import_row_decide
-- for: write
update import_row set decision = :decision where id = :id and import_id = :import and state = 'doubtful'

-- query: import_rows_decide
-- for: write
update import_row set decision = :decision
where import_id = :import and state = 'doubtful' and decision is null and differs = :differs

-- query: import_row_restored
-- for: write
update import_row set before = null where id = :id

-- query: import_rows_again
-- for: write
update import_row set state = 'raw', row_key = null, decision = null, differs = 0, reason = null, field = null, cell = null
where import_id = :import and state in ('new', 'known', 'same', 'doubtful')

-- query: import_faulty_again
-- for: write
update import_row set state = 'raw', reason = null, field = null, cell = null
where import_id = :import and state = 'faulty' and unreadable = 0 and cells is not null

-- query: import_column_take
-- for: write
update import_column set field = :field where id = :id and import_id = :import

-- query: import_count
-- for: write
update list_import set rows_checked = rows_checked + :checked, rows_new = rows_new + :new,
  rows_known = rows_known + :known, rows_doubtful = rows_doubtful + :doubtful, rows_faulty = rows_faulty + :faulty,
  rows_done = rows_done + :done
where id = :id

-- query: import_counts_again
-- for: write
update list_import set state = 'checking', rows_new = 0, rows_known = 0, rows_doubtful = 0,
  rows_faulty = (select count(*) from import_row r where r.import_id = :id and r.state = 'faulty'),
  rows_checked = (select count(*) from import_row r where r.import_id = :id and r.state = 'faulty')
where id = :id

-- query: import_due
-- for: count
-- one
-- column: due int open
select count(*) as due
from import_row r
where r.import_id = :import
  and (r.state in ('new', 'known') or (r.state = 'doubtful' and r.decision is not null))

-- query: import_drop_rows
-- for: write
delete from import_row where id in
  (select r.id from import_row r where r.import_id = :import order by r.line limit :rows)

-- query: import_any_row
-- for: rule
-- maybe
select r.id from import_row r where r.import_id = :import limit 1

-- Taking an import back.

-- query: import_persons
-- for: rule
select p.id from person p where p.import_id = :import order by p.id limit :rows

-- query: person_other_listing
-- for: rule
-- maybe
select l.id
from listing l
where l.person_id = :person and (l.import_id is null or l.import_id <> :import)
limit 1

-- What a body (or anybody) has done with a person since an import brought it: by hand, or by a list that brings
-- other things than persons.
-- query: person_used_since
-- for: rule
-- maybe
select e.id
from event e
where e.person_id = :person
  and e.id > (select min(i.id) from event i where i.person_id = :person and i.import_id = :import)
  and (e.import_id is null or (e.import_id <> :import and e.object not in ('person', 'listing', 'person_category', 'person_name', 'person_document')
       and e.import_id not in (select l.id from list_import l where l.state in ('cancelling', 'cancelled'))))
  and e.body_id = :body                    --? body
limit 1

-- query: listing_other
-- for: rule
-- maybe
select l.id from listing l where l.person_id = :person and l.body_id = :body and l.id <> :listing limit 1

-- query: import_listings
-- for: rule
select l.id, l.person_id, l.body_id from listing l where l.import_id = :import order by l.id limit :rows

-- query: import_categories
-- for: rule
select c.id, c.person_id, c.classes from person_category c where c.import_id = :import order by c.id limit :rows

-- A restricted person's entry leaves its key to whom the body brings in anew.
-- query: listing_give_way
-- for: write
update listing set row_key = row_key || '|' || cast(id as text)
where body_id = :body and list = :list and row_key = :row_key
  and person_id in (select x.person_id from restriction x where x.ended_at is null)

-- query: listing_keep
-- for: write
update listing set import_id = null where id = :id

-- query: listing_delete
-- for: write
delete from listing where id = :id

-- query: category_delete
-- for: write
delete from person_category where id = :id

-- query: person_other_category
-- for: rule
-- maybe
select c.id
from person_category c
where c.person_id = :person and (c.import_id is null or c.import_id <> :import)
limit 1

-- query: person_categories_delete
-- for: write
delete from person_category where person_id = :person

-- query: person_listings_delete
-- for: write
delete from listing where person_id = :person

-- query: person_delete
-- for: write
delete from person where id = :id

-- query: person_keep
-- for: write
update person set import_id = null where id = :id

-- Rows of lists as they came; nobody takes such a list back any more.
-- query: import_row_retained
-- for: rule
-- column: case_id int open
-- column: since date open
-- column: classes int open
select r.id, r.person_id, null as case_id, null as since, null as classes
from list_import i
join import_row r on r.import_id = i.id
where i.body_id = :body and coalesce(i.finished_at, i.created_at) < :before_at
  and i.state not in ('checking', 'applying', 'cancelling') and r.id > :after
order by r.id
limit :rows

-- Cards of persons whom only this body has brought in, with whom nobody has done anything since, and of whom nothing else
-- is kept (person_erase looks at the other rooms).
-- query: person_retained
-- for: rule
-- column: case_id int open
-- column: since date open
-- column: classes int open
select p.id, p.id as person_id, null as case_id, null as since, null as classes
from listing l
join person p on p.id = l.person_id
where l.body_id = :body and l.person_id > :after
  and not exists (select d.id from listing d where d.person_id = l.person_id and d.body_id = l.body_id and d.id < l.id)
  and not exists (select o.id from listing o where o.person_id = p.id and o.body_id <> :body)
  and not exists (select g.id from person_category g where g.person_id = p.id and g.body_id <> :body)
  and not exists (select n.id from person_name n where n.person_id = p.id and n.body_id <> :body)
  and not exists (select d.id from person_document d where d.person_id = p.id and d.body_id <> :body)
  and not exists (select e.id from event e where e.person_id in (select m.id from person m where m.id = p.id or m.merged_into = p.id) and e.day >= :before and e.account_id is not null)
  and not exists (select r.id from import_row r where r.person_id = p.id)
order by l.person_id
limit :rows

-- Grants by law.

-- query: law_categories
-- for: rule
select c.id, c.category, c.classes
from person_category c
where c.person_id = :person and c.until is null

-- query: law_grants
-- for: rule
select g.body_id, g.ref_id, g.reason, c.classes as tells
from access_grant g
left join person_category c on c.id = g.ref_id
where g.person_id = :person and g.fact = 'law' and g.ended_at is null

-- query: law_bodies
-- for: rule
-- scan: the bodies of one region
select b.id, b.kind
from body b
join person p on p.id = :person
where b.active = 1
  and (b.district_id is null or b.district_id = p.district_id
       or exists (select q.id from body q where q.successor_id = b.id and q.active = 0 and q.district_id = p.district_id))

-- query: law_walk
-- for: rule
-- column: held int open
select c.id, c.person_id, c.category, c.classes, c.until,
       (select count(*) from access_grant g where g.ref = 'person_category' and g.ref_id = c.id and g.ended_at is null) as held
from person_category c
where c.id > :after
order by c.id
limit :rows
