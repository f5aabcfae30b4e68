-- expect: cannot be the name of a parameter
-- query: bad
-- about: none
select d.id from district d where d.id = :case
