-- expect: the name stands in
-- query: bad
-- about: none
select d.id from district d
-- query: bad
-- about: none
select d.id from district d
