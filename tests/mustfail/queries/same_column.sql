-- expect: column id stands twice
-- query: bad
-- about: none
select d.id, b.id from district d join body b on b.id = d.id
