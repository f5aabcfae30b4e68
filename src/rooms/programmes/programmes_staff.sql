-- Programmes and measures when the specialist leaves or a body is closed.

-- query: programmes_of_account
-- for: rule
select g.id, g.person_id, g.case_id, g.body_id, c.account_id as keeper
from programme g
join case_file c on c.id = g.case_id
where g.account_id = :account and g.state <> 'closed'
order by g.id

-- query: programmes_of_body
-- for: rule
select g.id, g.person_id, g.case_id, g.state
from programme g
where g.body_id = :body
order by g.id

-- What the body has to carry out, of its own programmes and of others'.
-- query: measures_of_body
-- for: rule
select m.id, m.person_id, m.case_id, m.classes, m.state, g.body_id as lead_id
from measure m
join programme g on g.id = m.programme_id
where m.body_id = :body and m.state in ('planned', 'sent', 'in_progress')
order by m.id
