-- expect: `like:` names no query before it in the file: later
-- query: bad
-- like: later
select p.id from person p where p.id = :id
-- query: later
-- for: rule
select p.id from person p where p.id = :id
