-- expect: column other is of another person than id
-- query: bad
-- about: id bits recheck_at
select p.id, q.family_name as other, a.bits, a.recheck_at from pair
join person p on p.id = pair.a_id join person q on q.id = pair.b_id join access a on a.person_id = p.id
where a.body_id = :viewer_body
