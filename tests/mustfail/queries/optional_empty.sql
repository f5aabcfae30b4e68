-- expect: the optional line of x is empty
-- query: bad
-- about: none
select d.id from district d
--? x
