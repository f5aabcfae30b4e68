-- expect: column other is of another person than id
-- query: bad
-- about: id bits recheck_at
select p.id, s.family_name as other, a.bits, a.recheck_at from access a join person p on p.id = a.person_id
join (select q.id, q.family_name from person q) s on s.id <> p.id where a.body_id = :viewer_body
