-- expect: column family_name of class identity is made of person.hiv_status
-- query: bad
-- about: id bits recheck_at
-- column: id int open
-- column: bits int open
-- column: recheck_at instant open
-- column: family_name text identity
select s.id, s.family_name, a.bits, a.recheck_at from access a
join (select p.id, p.hiv_status as family_name from person p union all select p.id, p.family_name from person p) s on s.id = a.person_id
where a.body_id = :viewer_body
