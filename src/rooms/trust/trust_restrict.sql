-- Restricted persons. Only who sees the person reads of it: the statements go through the access that the restriction leaves. Reason and
-- ground are for the body that has set it.

-- query: restriction_list
-- about: person_id bits recheck_at
-- uses:  identity
-- column: set_by text open "Set by"
-- discloses: set_by body_id
-- column: reason code identity "Reason" list=restriction_reason
-- internal: body_id
-- scan: restricted persons are few
-- sort:  newest = x.id desc
-- page:  50
select x.id, x.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, case when x.body_id = :viewer_body then x.reason end as reason,
       x.since, x.until, x.body_id, b.name as set_by, a.bits, a.recheck_at {keys}
from restriction x
cross join access a
cross join person p
join body b on b.id = x.body_id
where a.body_id = :viewer_body and a.person_id = x.person_id and p.id = x.person_id and x.ended_at is null and (a.bits & :uses) = :uses
  and {after}
order by {order}
limit :limit

-- Of all bodies, for the auditor: neither person nor ground.
-- query: restriction_control
-- about: none
-- column: body text open "Set by"
-- scan: restrictions are few
-- sort:  newest = x.id desc
-- page:  50
select x.id, b.name as body, x.since, x.until, x.ended_at {keys}
from restriction x
join body b on b.id = x.body_id
where {after}
  and x.since >= :set_from      --? set_from
  and x.ended_at >= :ended_from    --? ended_from
order by {order}
limit :limit

-- query: restriction_card
-- one
-- like: restriction_list
-- column: words text identity "Ground: decision, order or request"
select x.id, x.version, x.person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to,
       case when x.body_id = :viewer_body then x.reason end as reason, null as words,
       x.since, x.until, x.body_id, b.name as set_by, a.bits, a.recheck_at
from restriction x
join access a on a.body_id = :viewer_body and a.person_id = x.person_id
join person p on p.id = x.person_id
join body b on b.id = x.body_id
where x.id = :id and x.ended_at is null and (a.bits & :uses) = :uses

-- query: restriction_ground
-- maybe
-- about: person_id bits recheck_at
-- uses:  identity
select x.id, x.person_id, x.words, a.bits, a.recheck_at
from restriction x
join access a on a.body_id = :viewer_body and a.person_id = x.person_id
where x.id = :id and x.body_id = :viewer_body and (a.bits & :uses) = :uses

-- query: restriction_of_person
-- maybe
-- about: person_id bits recheck_at
select x.id, x.person_id, x.since, x.until, a.bits, a.recheck_at
from restriction x
join access a on a.body_id = :viewer_body and a.person_id = x.person_id
where x.person_id = :person and x.ended_at is null

-- For the body that has set it.
-- query: restriction_bodies
-- about: person_id bits recheck_at
-- column: body_name text open "Body"
-- discloses: body_name body_id
-- internal: person_id
select distinct n.person_id, n.body_id, b.name as body_name, a.bits, a.recheck_at
from restriction_viewer n
join access a on a.body_id = :viewer_body and a.person_id = n.person_id
join body b on b.id = n.body_id
where n.restriction_id = :restriction

-- Colleagues of the viewer; restriction 0: before it is set.
-- query: restriction_workers
-- about: none
-- discloses: name body_id
-- discloses: post body_id
-- internal: body_id
-- column: chosen int open
-- scan: the accounts of one body
select c.id, c.name, c.post, c.body_id,
       (select count(*) from restriction_viewer n where n.restriction_id = :restriction and n.account_id = c.id) as chosen
from account c
where c.body_id = :viewer_body and c.active = 1
order by c.name, c.id

-- query: restriction_facts
-- for: rule
-- maybe
select x.id, x.version, x.person_id, x.body_id
from restriction x
where x.id = :id and x.ended_at is null

-- query: restriction_live
-- for: rule
-- maybe
select x.id from restriction x where x.person_id = :person and x.ended_at is null

-- query: restriction_unname
-- for: write
delete from restriction_viewer where restriction_id = :restriction and body_id = :body

-- Restrictions that nobody of the body could read any more without this account.
-- query: restriction_last
-- for: rule
-- maybe
select n.id
from restriction_viewer n
where n.account_id = :account
  and not exists (select m.id from restriction_viewer m join account c on c.id = m.account_id
                  where m.restriction_id = n.restriction_id and m.body_id = n.body_id and m.id <> n.id and c.active = 1)
limit 1

-- Who may be the same as a restricted person of the viewer: found when it is asked, so that registering somebody neither
-- tells nor lasts longer; from the few restricted (`cross join` keeps SQLite to this order). The rows of the page are made by trust_restrict_pages.c from the pairs.
-- query: twin_pairs
-- for: rule
-- scan: restricted persons are few
-- column: by_number int open
select x.id as restriction, p.id as person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to,
       o.id as other_id, o.family_name as other_family, o.given_name as other_given, o.patronymic as other_patronymic,
       o.birth_date as other_born, o.created_at as other_since, case when o.snils = p.snils then 1 else 0 end as by_number,
       t.verdict, a.bits
from restriction x
cross join access a
cross join person p
cross join person o
left join restriction_twin t on t.person_id = p.id and t.other_id = o.id
where a.body_id = :viewer_body and a.person_id = x.person_id and p.id = x.person_id and x.ended_at is null and o.id <> p.id and o.merged_into is null
  and (o.snils = p.snils
       or (o.name_key = p.name_key and o.birth_date = p.birth_date and (o.snils is null or p.snils is null)))
  and not exists (select y.id from restriction y where y.person_id = o.id and y.ended_at is null
                  and not exists (select n.id from restriction_viewer n where n.person_id = o.id and n.body_id = :viewer_body
                                  and (n.account_id is null or n.account_id = :viewer_account)))
order by x.id desc, o.id
limit 200

-- query: twin_list
-- about: person_id bits recheck_at
-- uses:  identity
-- column: other_id int open "Number of the other"
-- column: other_family text identity "The other"
-- column: other_given text identity
-- column: other_patronymic text identity
-- column: other_born date identity
-- column: other_since instant open "Registered"
-- column: by_number int open
-- column: verdict code open "Looked at" list=twin_verdict
select p.id as person_id, p.family_name, p.given_name, p.patronymic, p.birth_date, p.birth_year_from, p.birth_year_to, null as other_id, null as other_family,
       null as other_given, null as other_patronymic, null as other_born, null as other_since, null as by_number,
       null as verdict, a.bits, a.recheck_at
from access a
join person p on p.id = a.person_id
where a.body_id = :viewer_body and a.person_id = :person and (a.bits & :uses) = :uses
