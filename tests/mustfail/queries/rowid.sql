-- expect: `rowid` is refused
-- query: bad
-- about: none
-- column: x int open
select a.rowid as x from health a
