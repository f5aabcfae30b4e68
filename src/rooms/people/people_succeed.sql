-- Lists of a body that is closed.

-- query: listings_passing
-- for: rule
-- column: there int open
select l.id, l.person_id,
       (select count(*) from listing o where o.body_id = :to_body and o.list = l.list and o.row_key = l.row_key) as there
from listing l
where l.body_id = :from_body
order by l.person_id, l.id

-- query: lead_pass
-- for: write
update person set lead_body_id = :to_body where id = :person and lead_body_id = :from_body
