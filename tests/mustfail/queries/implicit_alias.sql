-- expect: write `as NAME`
-- query: bad
-- about: none
-- column: n int open
select count(d.id) n from district d
