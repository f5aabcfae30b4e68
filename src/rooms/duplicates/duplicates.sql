-- Joined cards. Who may open the person reads which cards were joined, by whom and why; what both had said by its classes.

-- query: merge_list
-- about: person_id bits recheck_at
-- uses:  identity
-- internal: author_body
-- discloses: author author_body
-- column: person_id int open "Person, number"
-- column: author text open "Joined by"
-- sort:  newest = m.id desc
-- page:  50
select m.id, m.root_id as person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, m.kept_number, m.gone_number,
       m.merged_at, m.undone_at, c.body_id as author_body, c.name as author, a.bits, a.recheck_at {keys}
from person_merge m
join access a on a.body_id = :viewer_body and a.person_id = m.root_id
join person p on p.id = m.root_id
left join account c on c.id = m.account_id
where m.body_id = :viewer_body and (a.bits & :uses) = :uses
  and {after}
order by {order}
limit :limit

-- query: merges_of_person
-- about: person_id bits recheck_at
-- uses:  identity
-- internal: person_id
select m.id, m.root_id as person_id, m.kept_number, m.gone_number, m.merged_at, m.undone_at, a.bits, a.recheck_at
from person_merge m
join access a on a.body_id = :viewer_body and a.person_id = m.root_id
where m.root_id = :person and (a.bits & :uses) = :uses
order by m.id desc
limit 50

-- query: merge_card
-- one
-- about: person_id bits recheck_at
-- uses:  identity
select m.id, m.version, m.root_id as person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, m.kept_number, m.gone_number,
       m.merged_at, m.undone_at, a.bits, a.recheck_at
from person_merge m
join access a on a.body_id = :viewer_body and a.person_id = m.root_id
join person p on p.id = m.root_id
where m.id = :id and (a.bits & :uses) = :uses

-- Who has done it, and why, is for the body that has done it: that it knows the person is nobody else's business.
-- query: merge_words
-- maybe
-- about: person_id bits recheck_at
-- uses:  identity
-- internal: person_id author_body
-- discloses: author author_body
-- column: author text open "Who"
select m.id, m.root_id as person_id, m.words, c.body_id as author_body, c.name as author, a.bits, a.recheck_at
from person_merge m
join access a on a.body_id = :viewer_body and a.person_id = m.root_id
left join account c on c.id = m.account_id
where m.id = :id and m.body_id = :viewer_body and (a.bits & :uses) = :uses

-- query: merge_undone_words
-- maybe
-- like: merge_words
select m.id, m.root_id as person_id, m.undone_words, c.body_id as author_body, c.name as author, a.bits, a.recheck_at
from person_merge m
join access a on a.body_id = :viewer_body and a.person_id = m.root_id
left join account c on c.id = m.undone_account_id
where m.id = :id and m.undone_body_id = :viewer_body and (a.bits & :uses) = :uses

-- Fields in which the cards differed, or which were empty on one of them.
-- query: merge_values
-- about: person_id bits recheck_at
-- internal: person_id classes
select v.id, v.person_id, v.field, v.chosen, v.before, v.other, v.classes, a.bits, a.recheck_at
from merge_value v
join access a on a.body_id = :viewer_body and a.person_id = v.person_id
where v.merge_id = :merge and (a.bits & :role_bits & v.classes) = v.classes & :plain_classes
order by v.id
limit 100

-- Rows of the page that compares two cards; made by duplicates_pages.c from the two cards as the viewer sees them.
-- query: merge_field
-- about: none
-- column: name text open
-- column: label text open "Field"
-- column: kept text open "This card"
-- column: other text open "The other card"
-- column: differs int open
-- column: taken int open
select null as name, null as label, null as kept, null as other, null as differs, null as taken

-- Rows of the page that parts them: what came after the joining.
-- query: merge_loose
-- about: none
-- column: name text open
-- column: what text open "What"
-- column: day date open "Date"
-- column: body text open "Body"
-- column: author text open "Who"
-- column: side text open
select null as name, null as what, null as day, null as body, null as author, null as side

-- Rules.

-- query: merge_facts
-- for: rule
-- maybe
select m.id, m.version, m.root_id, m.kept_number, m.gone_number, m.body_id, m.merged_at, m.undone_at
from person_merge m
where m.id = :id

-- query: merge_notes
-- for: rule
select n.what, n.object, n.field, n.object_id, n.person_number, n.before, n.after
from merge_move n
where n.merge_id = :merge
order by n.object, n.object_id, n.field, n.what

-- query: merge_values_plain
-- for: rule
select v.field, v.chosen, v.before, v.other, v.classes
from merge_value v
where v.merge_id = :merge
order by v.id

-- What a later joining, that still stands, has put in the place of a field.
-- query: merge_value_later
-- for: rule
-- maybe
select v.id, v.before, v.classes
from person_merge m
join merge_value v on v.merge_id = m.id
where m.root_id = :root and m.undone_at is null and m.id > :merge and v.field = :field and v.chosen = 1
order by m.id
limit 1

-- The joining by which a card was given up and still is.
-- query: merge_next
-- for: rule
-- maybe
select m.id, m.kept_number from person_merge m where m.gone_number = :gone and m.undone_at is null order by m.id desc limit 1

-- query: merge_value_at
-- for: rule
-- maybe
select v.id, v.chosen, v.other, v.classes from merge_value v where v.merge_id = :merge and v.field = :field order by v.id limit 1

-- Joinings of the same person that came later and still stand.
-- query: merges_later
-- for: rule
select m.id, m.kept_number, m.gone_number
from person_merge m
where m.root_id = :root and m.id > :merge and m.undone_at is null
order by m.id

-- query: merge_aside_later
-- for: rule
-- maybe
select n.merge_id, n.before
from merge_move n
where n.object = :object and n.object_id = :object_id and n.what = 'aside' and n.merge_id > :merge
order by n.merge_id
limit 1

-- query: merge_notes_drop
-- for: write
delete from merge_move where merge_id = :merge

-- query: merge_notes_drop_row
-- for: write
delete from merge_move where merge_id > :merge and object = :object and object_id = :object_id

-- query: merge_open_categories
-- for: rule
select c.id, c.category, c.since, c.body_id, c.classes
from person_category c
where c.person_id = :person and c.until is null
order by c.id

-- Who has worked on a card last.
-- query: merge_last_work
-- for: rule
-- maybe
select e.id
from event e
where e.person_id = :person and e.kind in ('person.registered', 'person.changed')
order by e.id desc
limit 1

-- query: merge_author
-- for: rule
-- maybe
select c.name, c.body_id, b.name as body_name
from account c
join body b on b.id = c.body_id
where c.id = :id

-- query: merge_of_person_erased
-- for: rule
select m.id from person_merge m where m.root_id = :person

-- query: merge_values_drop
-- for: write
delete from merge_value where merge_id = :merge

-- query: merge_root_drop
-- for: write
update person_merge set root_id = null, version = version + 1 where id = :id

-- query: merge_sample
-- for: rule
-- maybe
select m.id, m.root_id
from person_merge m
where m.body_id = :body and m.undone_at is null and m.root_id is not null
order by m.id desc
limit 1

-- bereg check.

-- query: merged_persons
-- for: rule
-- scan: bereg check
select p.id, p.merged_into from person p where p.merged_into is not null order by p.id

-- query: merges_open
-- for: rule
-- scan: bereg check
select m.id, m.root_id, m.kept_number, m.gone_number
from person_merge m
where m.undone_at is null and m.root_id is not null
order by m.id
