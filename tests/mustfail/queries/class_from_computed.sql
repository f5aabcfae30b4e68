-- expect: column x is made of note.text: its class wants `from=COLUMN`
-- query: bad
-- about: person_id bits recheck_at
-- column: x text open
select n.person_id, substr(n.text, 1, 9) as x, n.classes, a.bits, a.recheck_at from note n join access a on a.person_id = n.person_id and a.body_id = :viewer_body
