-- Routes when their specialist leaves or a body is closed.

-- keeper: the account of the case.
-- query: routes_of_account
-- for: rule
select r.id, r.person_id, r.case_id, r.classes, f.account_id as keeper
from route r
join case_file f on f.id = r.case_id
where r.account_id = :account and r.state = 'running'
order by r.id

-- query: routes_of_body
-- for: rule
select r.id, r.person_id, r.case_id, r.state, r.classes, f.account_id as keeper
from route r
join case_file f on f.id = r.case_id
where r.body_id = :body
order by r.id

-- Of running routes, whoever leads them: what has ended was done by the body that it names.
-- query: route_steps_pass
-- for: write
update route_step set body_id = :to_body, version = version + 1
where body_id = :from_body and route_id in (select r.id from route r where r.state = 'running')

-- query: route_offers_pass
-- for: write
update route_offer set body_id = :to_body
where body_id = :from_body and route_id in (select r.id from route r where r.state = 'running')
