-- expect: note.text is used in conditions or orders
-- query: bad
-- about: person_id bits recheck_at
select n.person_id, n.classes, a.bits, a.recheck_at from note n join access a on a.person_id = n.person_id and a.body_id = :viewer_body where n.text = :t and ((a.bits & :role_bits & n.classes) = n.classes & :plain_classes or n.id = 1)
