-- Cases when their specialist leaves or the lead body is closed.

-- query: cases_of_account
-- for: rule
select c.id, c.person_id, c.body_id
from case_file c
where c.account_id = :account and c.state <> 'closed'
order by c.id

-- query: cases_of_body
-- for: rule
select c.id, c.person_id, c.state
from case_file c
where c.body_id = :body
order by c.id

-- query: members_of
-- for: rule
select m.id
from case_member m
where m.case_id = :case_id
order by m.id

-- query: assessments_pass
-- for: write
update assessment set body_id = :to_body where case_id = :case_id and body_id = :from_body

-- query: notes_pass
-- for: write
update note set body_id = :to_body where body_id = :from_body
