-- expect: a query begins with `select` or `with`
-- query: bad
-- about: none
delete from person
