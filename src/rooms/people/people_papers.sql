-- Other names, documents, identification.

-- query: person_names_delete
-- for: write
delete from person_name where person_id = :person

-- query: person_documents_delete
-- for: write
delete from person_document where person_id = :person

-- query: identifications_delete
-- for: write
delete from identification where person_id = :person

-- Other names: the identity of the person is needed, nothing more.
-- query: person_names
-- about: person_id bits recheck_at
-- discloses: body body_id
-- internal: person_id body_id
select n.id, n.version, n.person_id, n.kind, n.name, n.since, n.until, n.body_id, b.name as body, n.created_at, a.bits, a.recheck_at
from person_name n
join access a on a.body_id = :viewer_body and a.person_id = n.person_id
join body b on b.id = n.body_id
where n.person_id = :person
order by n.id desc
limit 100

-- In the order of name_form.
-- query: person_name_row
-- one
-- about: person_id bits recheck_at
-- internal: person_id
select n.kind, n.name, n.since, n.until, n.id, n.version, n.person_id, a.bits, a.recheck_at
from person_name n
join access a on a.body_id = :viewer_body and a.person_id = n.person_id
where n.id = :id and n.person_id = :person

-- query: person_documents
-- about: person_id bits recheck_at
-- discloses: body body_id
-- owner: body_id
-- internal: person_id body_id classes
select d.id, d.version, d.person_id, d.kind, d.series, d.number, d.issued_on, d.issued_by, d.issuer_code, d.valid_until,
       d.state, d.step, d.state_on, d.body_id, b.name as body, d.created_at, d.classes, a.bits, a.recheck_at
from person_document d
join access a on a.body_id = :viewer_body and a.person_id = d.person_id
join body b on b.id = d.body_id
where d.person_id = :person and (a.bits & :role_bits & d.classes) = d.classes & :plain_classes
order by d.id desc
limit 100

-- In the order of document_form.
-- query: person_document_row
-- one
-- about: person_id bits recheck_at
-- owner: body_id
-- internal: person_id body_id classes
select d.kind, d.series, d.number, d.issued_on, d.issued_by, d.issuer_code, d.valid_until, d.state, d.step, d.state_on,
       d.id, d.version, d.person_id, d.body_id, d.classes, a.bits, a.recheck_at
from person_document d
join access a on a.body_id = :viewer_body and a.person_id = d.person_id
where d.id = :id and d.person_id = :person and (a.bits & :role_bits & d.classes) = d.classes & :plain_classes

-- query: identifications
-- about: person_id bits recheck_at
-- discloses: body body_id
-- discloses: account account_body_id
-- internal: person_id body_id account_body_id
select i.id, i.person_id, i.day, i.words, i.identity_status, i.before_name, i.before_status, i.before_from, i.before_to,
       i.body_id, b.name as body, c.name as account, c.body_id as account_body_id, i.created_at, a.bits, a.recheck_at
from identification i
join access a on a.body_id = :viewer_body and a.person_id = i.person_id
join body b on b.id = i.body_id
join account c on c.id = i.account_id
where i.person_id = :person
order by i.id desc
limit 20

-- In the order of identify_form.
-- query: person_identify_row
-- one
-- about: id bits recheck_at
select p.identity_status, p.family_name, p.given_name, p.patronymic, p.birth_date, p.sex, p.birth_place, p.snils, p.iin,
       p.id, p.version, a.bits, a.recheck_at
from access a
join person p on p.id = a.person_id
where a.body_id = :viewer_body and a.person_id = :id

-- Statements of rules.

-- query: person_name_same
-- for: rule
-- maybe
select n.id from person_name n where n.person_id = :person and n.name_key = :name_key limit 1

-- query: documents_of_rule
-- for: rule
select d.id, d.kind, d.number_key, d.state, d.classes from person_document d where d.person_id = :person order by d.id limit 200

-- query: import_names
-- for: rule
select n.id, n.person_id from person_name n where n.import_id = :import order by n.id limit :rows

-- query: import_documents
-- for: rule
select d.id, d.person_id, d.classes from person_document d where d.import_id = :import order by d.id limit :rows

-- query: name_delete
-- for: write
delete from person_name where id = :id

-- query: document_delete
-- for: write
delete from person_document where id = :id
