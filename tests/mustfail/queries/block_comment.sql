-- expect: comments begin with --
-- query: bad
-- about: none
select d.id /* x */ from district d
