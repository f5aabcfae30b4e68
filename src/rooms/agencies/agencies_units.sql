-- Units of a body: who heads them, who belongs to them.

-- query: unit_list
-- about: none
-- column: parent text open "Part of the unit"
-- column: head text open "Head of the unit"
-- column: workers int open "Workers"
-- page: 50
-- sort: entered = u.id
select u.id, u.name, p.name as parent, u.head_account_id, h.name as head,
       (select count(*) from account c where c.unit_id = u.id and c.active = 1) as workers, u.active {keys}
from unit u
left join unit p on p.id = u.parent_id
left join account h on h.id = u.head_account_id
where u.body_id = :body and {after}
order by {order}
limit :limit

-- query: unit_card
-- about: none
-- one
-- column: body_name text open "Body"
select u.id, u.version, u.body_id, b.name as body_name, u.name, u.parent_id, u.head_account_id, u.active
from unit u
join body b on b.id = u.body_id
where u.id = :id

-- query: unit_options
-- about: none
select u.id, u.name
from unit u
where u.body_id = :body and u.active = 1 and u.id <> :but
order by u.id

-- All workers of the body, those of the unit marked.
-- query: unit_workers
-- about: none
-- column: mine int open
-- column: unit text open "Unit"
select c.id, c.name, c.post, c.role, u.name as unit, case when c.unit_id = :unit then 1 else 0 end as mine
from account c
left join unit u on u.id = c.unit_id
where c.body_id = :body and c.active = 1
order by c.login

-- query: unit_facts
-- for: rule
-- maybe
select u.id, u.version, u.body_id, u.name, u.parent_id, u.head_account_id, u.active
from unit u
where u.id = :id

-- query: unit_head_of
-- for: rule
-- maybe
select c.id
from unit u
join account c on c.id = u.head_account_id
where u.id = :id and c.active = 1 and c.body_id = u.body_id

-- query: unit_any
-- for: rule
-- maybe
select u.id from unit u where u.body_id = :body order by u.id limit 1

-- query: unit_parts
-- for: rule
-- maybe
-- column: parts int open
-- column: workers int open
select u.id,
       (select count(*) from unit p where p.body_id = u.body_id and p.parent_id = u.id and p.active = 1) as parts,
       (select count(*) from account c where c.unit_id = u.id and c.active = 1) as workers
from unit u
where u.id = :id
