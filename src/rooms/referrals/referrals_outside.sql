-- Referrals to bodies without an account: the letter, the one-time page, answers from outside.

-- query: body_signs_in
-- for: rule
-- maybe
select c.id from account c where c.body_id = :body and c.active = 1 limit 1

-- Of all bodies that have somebody to sign in.
-- query: bodies_signing_in
-- for: rule
-- scan: the accounts of a region
select distinct c.body_id from account c where c.active = 1

-- query: outside_sample
-- for: rule
-- maybe
select r.id
from referral r
join access a on a.body_id = :viewer_body and a.person_id = r.person_id
where r.from_body_id = :viewer_body and r.state in ('sent', 'received', 'returned', 'accepted', 'in_progress')
  and r.to_body_id not in (select c.body_id from account c where c.active = 1)
order by r.id
limit 1

-- The live page of a referral, and all there has been.
-- query: outside_pages
-- about: person_id bits recheck_at
-- internal: person_id body_id
select o.id, o.referral_id, o.person_id, o.state, o.until_on, o.opened_at, o.created_at, o.body_id, a.bits, a.recheck_at
from referral_outside o
join access a on a.body_id = :viewer_body and a.person_id = o.person_id
where o.referral_id = :referral and o.body_id = :viewer_body
order by o.id desc
limit 20

-- query: outside_by_address
-- for: rule
-- maybe
select o.id, o.referral_id, o.person_id, o.body_id, o.to_body_id, o.state, o.code_hash, o.tries, o.session_hash, o.session_until,
       o.until_on, o.opened_at, b.name as body_name, b.kind as body_kind
from referral_outside o
join body b on b.id = o.to_body_id
where o.address_hash = :hash

-- query: outside_end
-- for: write
update referral_outside set state = :state, session_hash = null where referral_id = :referral and state in ('live', 'locked')

-- query: outside_wrong
-- for: write
update referral_outside set tries = tries + 1, state = case when tries + 1 >= :most then 'locked' else state end
where address_hash = :hash and state = 'live'

-- query: outside_right
-- for: write
update referral_outside set tries = 0, session_hash = :session, session_until = :until, opened_at = coalesce(opened_at, :now)
where id = :id

-- What the one-time page shows: no more of the person than initials; the letter has the name.
-- query: outside_referral
-- about: person_id bits recheck_at
-- uses:  identity
-- one
-- internal: person_id family_name given_name patronymic from_body_id to_body_id classes
-- discloses: from_name from_body_id
-- discloses: from_phone from_body_id
select r.id, r.version, r.number, r.person_id, p.family_name, p.given_name, p.patronymic, r.need, r.note, r.ground, r.state, r.sent_on,
       r.answer_by, r.due_on, r.from_body_id, f.name as from_name, f.phone as from_phone, r.to_body_id, r.classes, a.bits, a.recheck_at
from referral r
join access a on a.body_id = :viewer_body and a.person_id = r.person_id
join person p on p.id = r.person_id
join body f on f.id = r.from_body_id
where r.id = :id and r.to_body_id = :viewer_body and (a.bits & :uses) = :uses
  and (a.bits & :role_bits & r.classes) = r.classes & :plain_classes

-- The letter, printed by the sender.
-- query: referral_letter
-- about: person_id bits recheck_at
-- one
-- internal: person_id from_body_id to_body_id account_body classes
-- discloses: to_name to_body_id
-- discloses: to_address to_body_id
-- discloses: from_name from_body_id
-- discloses: from_address from_body_id
-- discloses: from_phone from_body_id
-- discloses: specialist account_body
-- discloses: specialist_post account_body
-- column: specialist text open "Specialist"
-- column: specialist_post text open "Post"
-- column: to_address text open "Address"
-- column: from_address text open "Address"
select r.id, r.number, r.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, r.need, r.note, r.ground, r.state, r.sent_on,
       r.answer_by, r.due_on, r.to_body_id, t.name as to_name, t.address as to_address, r.from_body_id, f.name as from_name,
       f.address as from_address, f.phone as from_phone, w.body_id as account_body, w.name as specialist, w.post as specialist_post,
       r.classes, a.bits, a.recheck_at
from referral r
join access a on a.body_id = :viewer_body and a.person_id = r.person_id
join person p on p.id = r.person_id
join body t on t.id = r.to_body_id
join body f on f.id = r.from_body_id
join account w on w.id = r.from_account_id
where r.id = :id and r.from_body_id = :viewer_body and (a.bits & :role_bits & r.classes) = r.classes & :plain_classes

-- query: referral_answers
-- about: person_id bits recheck_at
-- internal: person_id from_body_id to_body_id author_body classes
-- discloses: recorded_by author_body
-- column: recorded_by text open "Recorded by"
select x.id, x.referral_id, x.person_id, x.way, x.answer, x.number, x.day, x.decline_reason, x.result, x.note, x.created_at, x.from_body_id,
       x.to_body_id, w.body_id as author_body, w.name as recorded_by, x.classes, a.bits, a.recheck_at
from referral_answer x
join access a on a.body_id = :viewer_body and a.person_id = x.person_id
left join account w on w.id = x.account_id
where x.referral_id = :referral and (x.from_body_id = :viewer_body or x.to_body_id = :viewer_body)
  and (a.bits & :role_bits & x.classes) = x.classes & :plain_classes
order by x.id
limit 100

-- With their referral.
-- query: outside_retained
-- for: rule
-- column: since date open
-- column: classes int open
select o.id, o.person_id, r.case_id, coalesce(c.closed_on, r.finished_on, r.answered_on, r.sent_on) as since, 0 as classes
from referral_outside o
join referral r on r.id = o.referral_id
left join case_file c on c.id = r.case_id
where r.from_body_id = :body and o.id > :after and r.state not in ('draft', 'sent', 'received', 'returned', 'accepted', 'in_progress')
  and (c.id is null or c.state = 'closed') and coalesce(c.closed_on, r.finished_on, r.answered_on, r.sent_on) < :before
order by o.id
limit :rows

-- query: answer_retained
-- for: rule
-- column: since date open
select x.id, x.person_id, r.case_id, coalesce(c.closed_on, r.finished_on, r.answered_on, r.sent_on) as since, x.classes
from referral_answer x
join referral r on r.id = x.referral_id
left join case_file c on c.id = r.case_id
where r.from_body_id = :body and x.id > :after and r.state not in ('draft', 'sent', 'received', 'returned', 'accepted', 'in_progress')
  and (c.id is null or c.state = 'closed') and coalesce(c.closed_on, r.finished_on, r.answered_on, r.sent_on) < :before
order by x.id
limit :rows
