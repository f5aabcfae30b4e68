-- expect: `returning` is refused
-- query: bad
-- for: write
update person set version = 1 returning id
