-- expect: `like:` stands before all that it brings
-- query: first
-- about: none
select d.id from district d where d.id = :id
-- query: bad
-- about: none
-- like: first
select d.id from district d where d.id = :id
