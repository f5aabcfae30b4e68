-- expect: a name stands twice in WITH
-- query: bad
-- about: none
with x as (select b.id from body b), x as (select b.id from body b) select x.id from x
