-- expect: optional lines change the result columns
-- query: bad
-- about: none
select d.id
, d.name --? name
from district d
