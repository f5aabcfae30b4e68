-- Open referrals when their specialist leaves or a body is closed. Along the indexes by body and state.

-- query: referrals_of_account
-- for: rule
select r.id, r.person_id, r.case_id, r.to_body_id, r.from_body_id, r.to_account_id, r.from_account_id, r.classes, c.account_id as keeper
from referral r
left join case_file c on c.id = r.case_id
where (r.to_body_id = :body and r.to_account_id = :account or r.from_body_id = :body and r.from_account_id = :account)
  and r.state in ('draft', 'sent', 'received', 'returned', 'accepted', 'in_progress')
order by r.id

-- query: received_of_body
-- for: rule
select r.id, r.person_id, r.case_id, r.from_body_id as other_id, r.classes
from referral r
where r.to_body_id = :body and r.state in ('sent', 'received', 'returned', 'accepted', 'in_progress')
order by r.id

-- query: sent_of_body
-- for: rule
select r.id, r.person_id, r.case_id, r.to_body_id as other_id, r.classes, r.state
from referral r
where r.from_body_id = :body and r.state in ('draft', 'sent', 'received', 'returned', 'accepted', 'in_progress')
order by r.id

-- query: referral_account_body
-- for: rule
-- maybe
select c.body_id from account c where c.id = :id

-- query: finished_of_body
-- for: rule
select r.id
from referral r
where r.from_body_id = :body and r.state not in ('draft', 'sent', 'received', 'returned', 'accepted', 'in_progress')
order by r.id
