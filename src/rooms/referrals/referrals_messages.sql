-- Messages inside a referral. Both parties read them, as long as they read the referral.

-- query: referral_messages
-- about: person_id bits recheck_at
-- internal: person_id body_id author_body other_body_id classes mine
-- discloses: body_name body_id
-- discloses: author author_body
-- discloses: post author_body
-- column: author text open "Who"
-- column: post text open "Post"
-- column: mine int open
select m.id, m.referral_id, m.person_id, m.words, m.created_at, m.read_on, m.body_id, b.name as body_name, w.body_id as author_body,
       w.name as author, w.post, m.other_body_id, case when m.body_id = :viewer_body then 1 else 0 end as mine, m.classes, a.bits, a.recheck_at
from referral_message m
join access a on a.body_id = :viewer_body and a.person_id = m.person_id
join body b on b.id = m.body_id
join account w on w.id = m.account_id
where m.referral_id = :referral and (m.body_id = :viewer_body or m.other_body_id = :viewer_body)
  and (a.bits & :role_bits & m.classes) = m.classes & :plain_classes
order by m.id
limit 500

-- What waits to be read by the viewer's body: referrals. Counted by messages_unread(),
-- since SQL does not see sealed classes.
-- query: messages_unread
-- for: rule
select distinct m.referral_id, r.classes, a.bits
from referral_message m
join referral r on r.id = m.referral_id
join access a on a.body_id = :viewer_body and a.person_id = m.person_id
where m.other_body_id = :viewer_body and m.read_on is null
  and (a.bits & :role_bits & r.classes) = r.classes & :plain_classes
  and (r.from_account_id = :account or r.to_account_id = :account)          --? account
limit 200

-- query: referrals_unread
-- about: person_id bits recheck_at
-- uses:  identity
-- internal: person_id body_id classes
-- discloses: body_name body_id
-- column: written_at instant open "Written at"
-- scan: what waits to be read is a few referrals
select r.id, r.number, r.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, r.need, r.state, r.due_on,
       b.id as body_id, b.name as body_name,
       (select min(m.created_at) from referral_message m
        where m.referral_id = r.id and m.other_body_id = :viewer_body and m.read_on is null) as written_at,
       r.classes, a.bits, a.recheck_at
from referral r
join access a on a.body_id = :viewer_body and a.person_id = r.person_id
join person p on p.id = r.person_id
join body b on b.id = case when r.from_body_id = :viewer_body then r.to_body_id else r.from_body_id end
where r.id in (select m.referral_id from referral_message m where m.other_body_id = :viewer_body and m.read_on is null)
  and (a.bits & :uses) = :uses and (a.bits & :role_bits & r.classes) = r.classes & :plain_classes
  and (r.from_account_id = :account or r.to_account_id = :account)          --? account
order by r.id
limit 200

-- query: messages_waiting
-- for: count
-- one
-- column: n int open
select count(*) as n
from referral_message m
where m.referral_id = :referral and m.other_body_id = :viewer_body and m.read_on is null

-- query: messages_mark_read
-- for: write
update referral_message set read_on = :today where referral_id = :referral and other_body_id = :body and read_on is null

-- With its referral.
-- query: message_retained
-- for: rule
-- column: since date open
select m.id, m.person_id, r.case_id, coalesce(c.closed_on, r.finished_on, r.answered_on, r.sent_on) as since, m.classes
from referral_message m
join referral r on r.id = m.referral_id
left join case_file c on c.id = r.case_id
where r.from_body_id = :body and m.id > :after and r.state not in ('draft', 'sent', 'received', 'returned', 'accepted', 'in_progress')
  and (c.id is null or c.state = 'closed') and coalesce(c.closed_on, r.finished_on, r.answered_on, r.sent_on) < :before
order by m.id
limit :rows

-- The post goes with the party.
-- query: referral_messages_pass
-- for: write
update referral_message set body_id = case when body_id = :from then :to else body_id end,
  other_body_id = case when other_body_id = :from then :to else other_body_id end
where referral_id = :referral
