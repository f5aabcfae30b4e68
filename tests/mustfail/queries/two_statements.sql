-- expect: two statements
-- query: bad
-- about: none
select d.id from district d; select d.id from district d
