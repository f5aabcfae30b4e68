-- expect: a changing statement has no optional lines
-- query: bad
-- for: write
update person set version = 1
where id = :id --? id
