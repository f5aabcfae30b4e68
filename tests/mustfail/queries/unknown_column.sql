-- expect: column nothing is no result column
-- query: bad
-- about: none
-- column: nothing int open
select d.id from district d
