-- Terms of referrals: what was agreed about them, and the walk that computes all dates anew.

-- query: term_changes
-- about: person_id bits recheck_at
-- internal: person_id referral_id body_id other_body_id classes
-- discloses: body_name body_id
select t.id, t.version, t.referral_id, t.person_id, t.kind, t.ground, t.from_on, t.until_on, t.more, t.date_on, t.note, t.state,
       t.answered_on, t.created_at, t.body_id, b.name as body_name, t.other_body_id, t.classes, a.bits, a.recheck_at
from term_change t
join access a on a.body_id = :viewer_body and a.person_id = t.person_id
join body b on b.id = t.body_id
where t.referral_id = :referral and (t.body_id = :viewer_body or t.other_body_id = :viewer_body)
  and (a.bits & :role_bits & t.classes) = t.classes & :plain_classes
order by t.id
limit 100

-- query: term_change_facts
-- for: rule
-- maybe
select t.version, t.referral_id, t.person_id, t.kind, t.state, t.body_id, t.other_body_id
from term_change t
where t.id = :id

-- What counts: in the order it was agreed.
-- query: term_changes_agreed
-- for: rule
select t.kind, t.from_on, t.until_on, t.more, t.date_on
from term_change t
where t.referral_id = :referral and t.state = 'agreed'
order by t.id

-- query: term_changes_asked
-- for: rule
select t.id
from term_change t
where t.referral_id = :referral and t.state = 'asked'

-- query: referrals_running
-- for: rule
select r.id, r.from_body_id, r.to_body_id, r.need, r.state, r.sent_on, r.term_from, r.term, r.due_rule, r.answer_rule, r.fixed_on, r.answer_by, r.due_on, r.owing_body_id,
       r.next_on, r.next_at, r.measure_id, r.classes
from referral r
where r.id > :after and r.state in ('sent', 'received', 'returned', 'accepted', 'in_progress')
order by r.id
limit :rows

-- All that is agreed about the terms of a slice of referrals.
-- query: term_changes_between
-- for: rule
select t.referral_id, t.kind, t.from_on, t.until_on, t.more, t.date_on
from term_change t
where t.referral_id > :after and t.referral_id <= :last and t.state = 'agreed'
order by t.referral_id, t.id

-- Answered and finished with the referral.
-- query: term_change_retained
-- for: rule
-- column: since date open
select t.id, t.person_id, r.case_id, coalesce(c.closed_on, r.finished_on, r.answered_on, r.sent_on) as since, t.classes
from term_change t
join referral r on r.id = t.referral_id
left join case_file c on c.id = r.case_id
where r.from_body_id = :body and t.id > :after and r.state not in ('draft', 'sent', 'received', 'returned', 'accepted', 'in_progress')
  and (c.id is null or c.state = 'closed') and coalesce(c.closed_on, r.finished_on, r.answered_on, r.sent_on) < :before
order by t.id
limit :rows

-- Its changes and proposals go with the party.
-- query: term_changes_pass
-- for: write
update term_change set body_id = case when body_id = :from then :to else body_id end,
  other_body_id = case when other_body_id = :from then :to else other_body_id end
where referral_id = :referral

-- The term runs anew: what was agreed about the former one is over.
-- query: term_changes_over
-- for: write
update term_change set state = 'over', version = version + 1 where referral_id = :referral and state in ('asked', 'agreed')
