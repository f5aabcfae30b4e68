-- expect: wants `as NAME`
-- query: bad
-- about: none
select count(d.id) from district d
