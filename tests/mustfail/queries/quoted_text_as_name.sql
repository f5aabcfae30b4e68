-- expect: no such column
-- query: bad
-- about: none
select d.id from district d where d.name = "x"
