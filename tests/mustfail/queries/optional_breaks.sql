-- expect: (with one optional line)
-- query: bad
-- about: none
select d.id from district d
where d.id > :a --? a
 and d.id < :b --? b
