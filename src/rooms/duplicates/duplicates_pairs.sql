-- Pairs that may be one person: see duplicates_pairs.c.

-- Open pairs of which the viewer's body knows at least one, with what the minimal cards of both say; none of somebody whom the viewer
-- may not know of.
-- query: pair_queue
-- for: rule
-- sort:  likely = l.sure, l.id desc
-- page:  30
-- column: known int open
-- column: other_known int open
select l.id, l.bits, l.sure, l.state, l.body_id,
       l.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.lead_body_id, b.name as lead_body, case when a.person_id is null then 0 else 1 end as known,
       l.other_id, o.family_name as other_family_name, o.given_name as other_given_name, o.patronymic as other_patronymic, o.birth_date as other_birth_date,
       o.lead_body_id as other_lead_body_id, c.name as other_lead_body, case when d.person_id is null then 0 else 1 end as other_known {keys}
from likely_pair l
join person p on p.id = l.person_id
join person o on o.id = l.other_id
left join body b on b.id = p.lead_body_id
left join body c on c.id = o.lead_body_id
left join access a on a.body_id = :viewer_body and a.person_id = l.person_id and (a.bits & :identity) = :identity and (a.recheck_at is null or a.recheck_at > :now)
left join access d on d.body_id = :viewer_body and d.person_id = l.other_id and (d.bits & :identity) = :identity and (d.recheck_at is null or d.recheck_at > :now)
where l.state = 'open'
  and (a.person_id is not null or d.person_id is not null)
  and not exists (select x.id from restriction x where x.person_id in (l.person_id, l.other_id) and x.ended_at is null
                  and not exists (select n.id from restriction_viewer n where n.person_id = x.person_id and n.body_id = :viewer_body
                                  and (n.account_id is null or n.account_id = :viewer_account)))
  and ((p.district_id = :district and (a.bits & :contact) = :contact) or (o.district_id = :district and (d.bits & :contact) = :contact)) --? district
  and {after}
order by {order}
limit :limit

-- One of them, with the same columns.
-- query: pair_cards
-- for: rule
-- maybe
-- column: known int open
-- column: other_known int open
select l.id, l.bits, l.sure, l.state, l.body_id,
       l.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.lead_body_id, b.name as lead_body, case when a.person_id is null then 0 else 1 end as known,
       l.other_id, o.family_name as other_family_name, o.given_name as other_given_name, o.patronymic as other_patronymic, o.birth_date as other_birth_date,
       o.lead_body_id as other_lead_body_id, c.name as other_lead_body, case when d.person_id is null then 0 else 1 end as other_known
from likely_pair l
join person p on p.id = l.person_id
join person o on o.id = l.other_id
left join body b on b.id = p.lead_body_id
left join body c on c.id = o.lead_body_id
left join access a on a.body_id = :viewer_body and a.person_id = l.person_id and (a.bits & :identity) = :identity and (a.recheck_at is null or a.recheck_at > :now)
left join access d on d.body_id = :viewer_body and d.person_id = l.other_id and (d.bits & :identity) = :identity and (d.recheck_at is null or d.recheck_at > :now)
where l.id = :id

-- query: pair_get
-- for: rule
-- maybe
select l.id, l.version, l.person_id, l.other_id, l.bits, l.sure, l.state, l.compared, l.body_id, l.account_id, l.reason, l.decided_at
from likely_pair l
where l.id = :id

-- query: pair_of
-- for: rule
-- maybe
select l.id, l.version, l.bits, l.sure, l.state, l.compared
from likely_pair l
where l.person_id = :a and l.other_id = :b

-- What both sides have said; the job joins them.
-- query: pairs_agreed
-- for: rule
select l.id, l.person_id, l.other_id, l.reason
from likely_pair l
where l.state = 'agreed' and l.id > :after
order by l.id
limit 50

-- query: pairs_sure
-- for: rule
select l.id, l.person_id, l.other_id, l.bits
from likely_pair l
where l.state = 'open' and l.sure = 1 and l.bits >= :least and l.id > :after
order by l.id
limit 50

-- query: pair_sample
-- for: rule
select l.id, l.person_id, l.other_id from likely_pair l where l.state = 'open' order by l.id limit 200

-- How a row of the queue and a pair look to people; the rows are made by duplicates_pairs_pages.c from minimal cards.
-- query: pair_shown
-- about: none
-- column: a_id int open
-- column: a_name text open "Person"
-- column: a_born text open "Year of birth"
-- column: a_lead text open "Lead body"
-- column: a_known int open
-- column: b_id int open
-- column: b_name text open "May be the same"
-- column: b_born text open "Year of birth"
-- column: b_lead text open "Lead body"
-- column: b_known int open
-- column: weight text open "Bits"
-- column: said text open
select l.id, l.state, l.sure, null as weight, null as said, null as a_id, null as a_name, null as a_born, null as a_lead,
       null as a_known, null as b_id, null as b_name, null as b_born, null as b_lead, null as b_known
from likely_pair l
where l.id = :id

-- One field of a pair.
-- query: pair_field
-- about: none
-- column: label text open "Field"
-- column: level text open "Likeness"
-- column: weight text open "Bits"
-- column: a_value text open
-- column: b_value text open
select l.id, null as label, null as level, null as weight, null as a_value, null as b_value from likely_pair l where l.id = :id

-- The walk of the job. While a list is at work it waits.

-- query: pairs_wait
-- for: rule
-- maybe
select i.id from list_import i where i.state in ('parsing', 'checking', 'applying', 'cancelling') order by i.id limit 1

-- query: pairs_persons
-- for: rule
select p.id from person p where p.id > :after and p.merged_into is null order by p.id limit :rows

-- query: pairs_events
-- for: rule
select e.id, e.person_id, e.kind from event e where e.id > :after order by e.id limit :rows

-- query: pairs_last_event
-- for: rule
-- maybe
select e.id from event e order by e.id desc limit 1

-- query: pairs_joined
-- for: write
update likely_pair set state = 'joined', version = version + 1 where person_id = :a and other_id = :b

-- What was offered of the card given up is offered of the kept one, if at all; what was judged stays.
-- query: pairs_stop
-- for: write
delete from likely_pair where state in ('open', 'agreed') and (person_id = :gone or other_id = :gone)

-- query: pairs_erased
-- for: write
delete from likely_pair where person_id = :person or other_id = :person

-- query: person_restricted
-- for: rule
-- maybe
select x.id from restriction x where x.person_id = :person and x.ended_at is null limit 1
