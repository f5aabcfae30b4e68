-- expect: the door always gives it
-- query: bad
-- about: none
select d.id from district d
where d.id = :today --? today
