-- expect: column name is of kind text
-- query: bad
-- about: none
-- column: name int open
select d.id, d.name from district d
