-- expect: column text needs note.classes of the same row
-- query: bad
-- about: person_id bits recheck_at
select n.person_id, n.text, a.bits, a.recheck_at from note n join access a on a.person_id = n.person_id and a.body_id = :viewer_body
