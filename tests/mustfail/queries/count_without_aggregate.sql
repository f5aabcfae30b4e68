-- expect: no column is an aggregate
-- query: bad
-- for: count
select p.category from person p
