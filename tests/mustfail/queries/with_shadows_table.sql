-- expect: WITH takes the name of a table
-- query: bad
-- about: none
with district as (select b.id from body b)
select d.id from district d
