-- expect: about: none, but note.text is not open
-- query: bad
-- about: none
select n.id, n.text, n.classes from note n
