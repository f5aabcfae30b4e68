-- expect: function upper is not the same
-- query: bad
-- about: none
-- column: x text open
select upper(d.name) as x from district d
