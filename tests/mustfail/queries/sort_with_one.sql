-- expect: one row needs no sort
-- query: bad
-- about: none
-- one
-- sort: s = d.id
select d.id {keys} from district d where {after} order by {order} limit :limit
