-- expect: table trace is insert-only
-- query: bad
-- for: write
delete from trace
