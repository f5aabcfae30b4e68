-- expect: `for: write` is an insert, update or delete
-- query: bad
-- for: write
select p.id from person p
