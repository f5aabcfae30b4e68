-- expect: a sign that both engines do not share
-- query: bad
-- about: none
select d.id from district d where d.id = ?
