-- expect: column family_name is neither an aggregate nor open nor declared
-- query: bad
-- for: count
-- column: n int open
select p.family_name, count(*) as n from person p group by p.family_name
