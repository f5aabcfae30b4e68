-- expect: unknown header `use:`
-- query: bad
-- about: none
-- use: identity
select d.id from district d
