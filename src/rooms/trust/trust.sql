-- Pages shown of a person: those folded into the index, and those noted since.
-- query: reader_list
-- about: person_id bits recheck_at
-- uses:  identity
-- column: id int open
-- column: at instant open "When"
-- column: post text open "Post"
-- column: role code open "Role" list=role
-- column: read_by text open "Body"
-- column: page text open "Page"
-- column: body_id int open
-- column: post_body_id int open
-- column: person_id int open
-- column: bits int open
-- column: recheck_at instant open
-- internal: person_id body_id post_body_id
-- discloses: post post_body_id
-- discloses: read_by body_id
-- sort:  newest = r.id desc
-- page:  50
select r.id, r.at, c.post, c.role, b.name as read_by, r.page, r.body_id, c.body_id as post_body_id, a.person_id, a.bits, a.recheck_at {keys}
from read r
join access a on a.body_id = :viewer_body and a.person_id = :person
join body b on b.id = r.body_id
join account c on c.id = r.account_id
where (a.bits & :uses) = :uses
  and r.id in (select i.read_id from read_person i where i.person_id = :person
               union select t.id from read t where t.id > :folded and t.persons like :mark)
  and {after}
order by {order}
limit :limit

-- query: readers_of
-- one
-- about: id bits recheck_at
select p.id, p.family_name, p.given_name, p.patronymic, p.birth_date, a.bits, a.recheck_at
from access a
join person p on p.id = a.person_id
where a.body_id = :viewer_body and a.person_id = :person

-- query: read_folded
-- for: rule
-- maybe
select s.value from setting s where s.name = 'read_folded'
