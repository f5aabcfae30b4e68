-- Papers attached to a row of another room; that room has asked whether the viewer reads the row.

-- query: attachment_list
-- about: person_id bits recheck_at
-- uses:  identity
-- column: attached_by text open "Attached by"
-- column: volume text identity from=classes "Size"
-- column: own int open
-- discloses: attached_by body_id
-- internal: person_id body_id size classes own
select x.id, x.number, x.person_id, x.kind, x.type, x.name, x.size, null as volume, x.created_at, x.body_id,
       b.name as attached_by, case when x.body_id = :viewer_body then 1 else 0 end as own, x.classes, a.bits, a.recheck_at
from attachment x
join access a on a.body_id = :viewer_body and a.person_id = x.person_id
join body b on b.id = x.body_id
where x.object = :object and x.object_id = :object_id and x.destroyed_at is null and (a.bits & :uses) = :uses
  and (a.bits & :role_bits & x.classes) = x.classes & :plain_classes
order by x.id desc
limit 100

-- Kinds for the form's select; the packs hold them, so that papers.c fills the rows.
-- query: paper_kinds
-- about: none
-- column: words text open
select x.kind, null as words from attachment x where x.id = 0

-- Those of a row that is destroyed.
-- query: attachments_left
-- for: rule
select x.id
from attachment x
where x.object = :object and x.object_id = :object_id and x.destroyed_at is null

-- query: attachment_card
-- one
-- about: person_id bits recheck_at
-- uses:  identity
-- internal: person_id body_id size digest parts classes
select x.id, x.number, x.person_id, x.kind, x.type, x.name, x.size, x.digest, x.parts, x.created_at, x.body_id, x.classes,
       a.bits, a.recheck_at
from attachment x
join access a on a.body_id = :viewer_body and a.person_id = x.person_id
where x.id = :id and x.object = :object and x.object_id = :object_id and x.destroyed_at is null
  and (a.bits & :uses) = :uses and (a.bits & :role_bits & x.classes) = x.classes & :plain_classes

-- query: attachment_parts
-- for: rule
select p.content from attachment_part p where p.attachment_id = :attachment order by p.part

-- query: attachment_facts
-- for: rule
-- maybe
select x.id, x.person_id, x.object, x.object_id, x.body_id, x.classes, x.destroyed_at
from attachment x
where x.id = :id

-- query: attachment_count
-- for: count
-- one
-- column: n int open
select count(*) as n
from attachment x
where x.object = :object and x.object_id = :object_id and x.kind = :kind and x.destroyed_at is null

-- query: attachment_broken
-- for: rule
-- scan: `bereg check` looks at all of them
select x.id
from attachment x
where x.parts <> (select count(*) from attachment_part p where p.attachment_id = x.id)
limit 100

-- query: attachment_empty
-- for: write
update attachment set name = null, size = null, digest = null, parts = 0, destroyed_at = :at where id = :id

-- query: attachment_part_drop
-- for: write
delete from attachment_part where attachment_id = :attachment

-- Papers of rows that are about nobody: the same columns.

-- query: open_paper_list
-- about: none
-- column: person_id int open
-- column: attached_by text open "Attached by"
-- column: volume text open "Size"
-- column: own int open
-- column: classes int open
-- column: bits int open
-- column: recheck_at instant open
-- internal: person_id body_id size classes own bits recheck_at
select x.id, x.number, null as person_id, x.kind, x.type, x.name, x.size, null as volume, x.created_at, x.body_id,
       b.name as attached_by, case when x.body_id = :viewer_body then 1 else 0 end as own, null as classes, null as bits, null as recheck_at
from open_paper x
join body b on b.id = x.body_id
where x.object = :object and x.object_id = :object_id and x.destroyed_at is null
order by x.id desc
limit 100

-- query: open_papers_left
-- for: rule
select x.id, x.kind
from open_paper x
where x.object = :object and x.object_id = :object_id and x.destroyed_at is null

-- query: open_paper_card
-- one
-- about: none
-- column: person_id int open
-- column: classes int open
-- column: bits int open
-- column: recheck_at instant open
-- internal: person_id body_id size digest parts classes bits recheck_at
select x.id, x.number, null as person_id, x.kind, x.type, x.name, x.size, x.digest, x.parts, x.created_at, x.body_id, null as classes,
       null as bits, null as recheck_at
from open_paper x
where x.id = :id and x.object = :object and x.object_id = :object_id and x.destroyed_at is null

-- query: open_paper_parts
-- for: rule
select p.content from open_paper_part p where p.paper_id = :paper order by p.part

-- query: open_paper_facts
-- for: rule
-- maybe
select x.id, x.object, x.object_id, x.body_id, x.kind, x.destroyed_at from open_paper x where x.id = :id

-- query: open_paper_count
-- for: count
-- one
-- column: n int open
select count(*) as n
from open_paper x
where x.object = :object and x.object_id = :object_id and x.kind = :kind and x.destroyed_at is null

-- query: open_paper_broken
-- for: rule
-- scan: `bereg check` looks at all of them
select x.id
from open_paper x
where x.parts <> (select count(*) from open_paper_part p where p.paper_id = x.id)
limit 100

-- query: open_paper_empty
-- for: write
update open_paper set name = null, size = null, digest = null, parts = 0, destroyed_at = :at where id = :id

-- query: open_paper_part_drop
-- for: write
delete from open_paper_part where paper_id = :paper
