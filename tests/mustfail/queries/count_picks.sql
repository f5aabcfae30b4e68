-- expect: column x picks a value of class identity
-- query: bad
-- for: count
-- column: x text identity
select min(p.family_name) as x from person p
