-- expect: `about:` is missing
-- query: bad
select d.id from district d
