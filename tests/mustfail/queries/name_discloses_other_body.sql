-- expect: body_id is the id of another body than that of name
-- query: bad
-- about: id bits recheck_at
-- discloses: name body_id
select p.id, b.name, a.body_id, a.bits, a.recheck_at from access a join person p on p.id = a.person_id join body b on b.id = p.version where a.body_id = :viewer_body
