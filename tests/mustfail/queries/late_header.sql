-- expect: stands inside the statement
-- query: bad
-- about: none
select d.id from district d
-- uses: identity
