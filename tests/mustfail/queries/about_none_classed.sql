-- expect: about: none, but person.family_name is not open
-- query: bad
-- about: none
select p.id, p.family_name from person p
