-- expect: about: none, but person.hiv_status is not open
-- query: bad
-- about: none
select p.id from person p where p.hiv_status is null
