-- Groups and meetings: open fields only. A meeting is read by the bodies that are invited, and by the one that holds it.

-- query: work_group_list
-- about: none
-- internal: body_id
-- sort:  newest = g.id desc
-- page:  50
select g.id, g.name, g.kind, g.basis, g.state, g.body_id, b.name as body_name {keys}
from work_group g
join body b on b.id = g.body_id
where (g.body_id = :viewer_body or exists (select m.id from group_member m where m.group_id = g.id and m.body_id = :viewer_body and m.until is null))
  and {after}
order by {order}
limit :limit

-- query: work_group_card
-- one
-- about: none
-- internal: body_id chair_id secretary_id
-- column: chair text open "Chair"
-- column: secretary text open "Secretary"
select g.id, g.version, g.name, g.kind, g.basis, g.state, g.body_id, b.name as body_name, b.phone as body_phone, g.chair_id, ch.name as chair,
       g.secretary_id, se.name as secretary, g.ballot, g.quorum, g.majority, g.tie
from work_group g
join body b on b.id = g.body_id
left join account ch on ch.id = g.chair_id
left join account se on se.id = g.secretary_id
where g.id = :id
  and (g.body_id = :viewer_body or exists (select m.id from group_member m where m.group_id = g.id and m.body_id = :viewer_body and m.until is null))

-- query: group_members
-- about: none
-- internal: body_id account_id
-- column: member text open "Member"
select m.id, m.version, m.body_id, b.name as body_name, m.account_id, c.name as member, c.post, m.votes, m.since
from group_member m
join body b on b.id = m.body_id
left join account c on c.id = m.account_id
where m.group_id = :group_id and m.until is null
order by m.id
limit 200

-- query: meeting_list
-- about: none
-- internal: body_id
-- column: answer code open list=invitation_answer "Our answer"
-- column: group_name text open "Working group"
-- sort:  soon = m.meets_at, m.id ; latest = m.meets_at, m.id desc
-- page:  50
select m.id, m.meets_at, m.kind, m.subject, g.name as group_name, m.place, m.remote, m.state, m.body_id, b.name as body_name, m.number,
       (select min(v.answer) from invitation v where v.meeting_id = m.id and v.body_id = :viewer_body) as answer {keys}
from meeting m
join body b on b.id = m.body_id
left join work_group g on g.id = m.group_id
where (m.body_id = :viewer_body or exists (select v.id from invitation v where v.meeting_id = m.id and v.body_id = :viewer_body))
  and (m.chair_id = :mine or m.secretary_id = :mine or exists (select w.id from invitation w where w.meeting_id = m.id and w.body_id = :viewer_body and (w.account_id = :mine or w.substitute_id = :mine or w.account_id is null)))    --? mine
  and m.meets_at >= :coming    --? coming
  and m.meets_at < :past       --? past
  and m.state = 'planned' and exists (select u.id from invitation u where u.meeting_id = m.id and u.body_id = :viewer_body and u.answer = :waiting and (u.account_id is null or u.account_id = :viewer_account))    --? waiting
  and m.state = 'planned' and (m.chair_id = :prepare or m.secretary_id = :prepare) and (not exists (select i.id from agenda_item i where i.meeting_id = m.id) or not exists (select n.id from invitation n where n.meeting_id = m.id and n.body_id <> m.body_id))    --? prepare
  and (m.chair_id = :minutes or m.secretary_id = :minutes) and (m.state = 'held' or m.state = 'planned' and m.meets_at < :now)    --? minutes
  and m.group_id = :group_id   --? group_id
  and {after}
order by {order}
limit :limit

-- query: meeting_card
-- one
-- like: work_group_card
-- column: group_name text open "Working group"
-- column: approved_by text open "Approved by"
select m.id, m.version, m.group_id, g.name as group_name, g.basis, m.kind, m.subject, m.body_id, b.name as body_name, b.phone as body_phone,
       m.chair_id, ch.name as chair, ch.post as chair_post, m.secretary_id, se.name as secretary, m.meets_at, m.place, m.remote, m.ballot, m.quorum,
       m.majority, m.tie, m.state, m.reason, m.number, m.approved_at, ap.name as approved_by
from meeting m
join body b on b.id = m.body_id
left join work_group g on g.id = m.group_id
left join account ch on ch.id = m.chair_id
left join account se on se.id = m.secretary_id
left join account ap on ap.id = m.approved_by_id
where m.id = :id and (m.body_id = :viewer_body or exists (select v.id from invitation v where v.meeting_id = m.id and v.body_id = :viewer_body))

-- query: invitation_list
-- about: none
-- internal: body_id account_id substitute_id
-- column: member text open "Member"
-- column: substitute text open "Who comes instead"
-- column: own int open
select v.id, v.version, v.body_id, b.name as body_name, v.account_id, c.name as member, c.post, v.votes, v.answer, v.substitute_id, s.name as substitute,
       v.attended, v.standing, case when v.body_id = :viewer_body then 1 else 0 end as own
from invitation v
join body b on b.id = v.body_id
left join account c on c.id = v.account_id
left join account s on s.id = v.substitute_id
where v.meeting_id = :meeting
order by v.id
limit 200

-- Accounts for the selects.
-- query: own_accounts
-- about: none
-- scan: the workers of one body
select c.id, c.name from account c where c.body_id = :viewer_body and c.active = 1 order by c.name, c.id limit 500

-- query: accounts_of_body
-- about: none
-- scan: the workers of one body
select c.id, c.name from account c where c.body_id = :body and c.active = 1 order by c.name, c.id limit 500

-- Who takes part by name, for the select of those who carry a decision out.
-- query: accounts_invited
-- about: none
-- scan: the members of one meeting
select distinct c.id, c.name
from invitation v
join account c on c.id = coalesce(v.substitute_id, v.account_id)
where v.meeting_id = :meeting and c.active = 1
order by c.name, c.id
limit 200

-- For the calendar feed: what the account goes to.
-- query: meetings_of_account
-- for: rule
select distinct m.id, m.meets_at
from invitation v
join meeting m on m.id = v.meeting_id
where v.body_id = :viewer_body and m.state = 'planned' and m.meets_at >= :from_at
  and (v.account_id = :viewer_account or v.substitute_id = :viewer_account or v.account_id is null or m.chair_id = :viewer_account or m.secretary_id = :viewer_account)
  and v.answer <> 'declines'
order by m.meets_at, m.id
limit 200

-- query: invitations_waiting
-- for: count
-- one
-- column: n int open
select count(*) as n
from invitation v
join meeting m on m.id = v.meeting_id
where v.body_id = :viewer_body and v.answer = 'waiting' and m.state = 'planned' and m.meets_at >= :now
  and (v.account_id is null or v.account_id = :viewer_account)

-- ---- statements of rules ----

-- query: work_group_facts
-- for: rule
-- maybe
select g.id, g.version, g.kind, g.body_id, g.chair_id, g.secretary_id, g.ballot, g.quorum, g.majority, g.tie, g.state
from work_group g
where g.id = :id

-- query: group_members_now
-- for: rule
select m.id, m.body_id, m.account_id, m.votes
from group_member m
where m.group_id = :group_id and m.until is null
order by m.id

-- query: group_member_facts
-- for: rule
-- maybe
select m.id, m.group_id, m.body_id from group_member m where m.id = :id and m.until is null

-- query: meeting_facts
-- for: rule
-- maybe
select m.id, m.version, m.group_id, m.kind, m.body_id, m.chair_id, m.secretary_id, m.meets_at, m.ballot, m.quorum, m.majority, m.tie, m.state
from meeting m
where m.id = :id

-- query: meeting_seen
-- for: rule
select m.id from meeting m
where m.id = :id and (m.body_id = :viewer_body or exists (select v.id from invitation v where v.meeting_id = m.id and v.body_id = :viewer_body))

-- query: invitations_of
-- for: rule
select v.id, v.body_id, v.account_id, v.substitute_id, v.votes, v.attended, v.standing, v.answer
from invitation v
where v.meeting_id = :meeting
order by v.id

-- query: invitation_facts
-- for: rule
-- maybe
select v.id, v.version, v.meeting_id, v.body_id, v.account_id, v.substitute_id, v.votes, v.attended, v.answer
from invitation v
where v.id = :id

-- query: items_of
-- for: rule
select i.id, i.place, i.person_id, i.case_id, i.body_id, i.ground, i.classes
from agenda_item i
where i.meeting_id = :meeting
order by i.place, i.id

-- query: item_facts
-- for: rule
-- maybe
select i.id, i.meeting_id, i.place, i.person_id, i.case_id, i.body_id, i.classes
from agenda_item i
where i.id = :id

-- query: item_drop
-- for: write
delete from agenda_item where id = :id

-- ---- who leaves, which body closes ----

-- query: invitations_of_account
-- for: rule
select v.id, v.meeting_id, v.account_id
from invitation v
join meeting m on m.id = v.meeting_id
where (v.account_id = :account or v.substitute_id = :account) and m.state = 'planned'
order by v.id

-- query: members_of_account
-- for: rule
select m.id, m.group_id from group_member m where m.account_id = :account and m.until is null order by m.id

-- query: groups_led_by
-- for: rule
select g.id, g.body_id, g.chair_id, g.secretary_id from work_group g
where (g.chair_id = :account or g.secretary_id = :account) and g.state = 'active'
order by g.id

-- query: meetings_led_by
-- for: rule
select m.id, m.body_id, m.chair_id, m.secretary_id from meeting m
where (m.chair_id = :account or m.secretary_id = :account) and m.state in ('planned', 'held')
order by m.id

-- query: groups_of_body
-- for: rule
select g.id from work_group g where g.body_id = :body and g.state = 'active' order by g.id

-- query: meetings_of_body
-- for: rule
select m.id, m.state from meeting m where m.body_id = :body order by m.id

-- query: items_of_body
-- for: rule
select i.id, i.person_id from agenda_item i where i.body_id = :body order by i.id

-- query: members_of_body
-- for: rule
select m.id, m.group_id from group_member m where m.body_id = :body and m.until is null order by m.id

-- query: invitations_of_body
-- for: rule
select v.id, v.meeting_id, m.state from invitation v join meeting m on m.id = v.meeting_id where v.body_id = :body order by v.id
