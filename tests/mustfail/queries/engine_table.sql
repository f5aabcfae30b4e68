-- expect: reads sqlite_master
-- query: bad
-- about: none
select m.name from sqlite_master m
