-- expect: recheck_at of the same row of access
-- query: bad
-- about: id bits recheck_at
select p.id, a.bits, b.recheck_at from access a join person p on p.id = a.person_id join access b on b.person_id = p.id and b.body_id = :viewer_body where a.body_id = :viewer_body
