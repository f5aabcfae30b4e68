-- expect: the name stands twice
-- query: bad
-- about: none
select d.id from district d
-- query: bad
-- about: none
select d.id from district d
