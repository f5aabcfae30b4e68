-- expect: with UNION, INTERSECT or EXCEPT every column
-- query: bad
-- about: id bits recheck_at
with s as (select p.id, p.hiv_status as family_name from person p union all select p.id, p.family_name from person p)
select p.id, s.family_name, a.bits, a.recheck_at from access a join person p on p.id = a.person_id join s on s.id = p.id
where a.body_id = :viewer_body
