-- Agreements between bodies: documents, they tell nothing about persons.

-- Those that name both bodies, or their kinds, as two of their parties, and carry what is asked; drafts do not count.
-- query: agreements_between
-- for: rule
-- scan: agreements of a region are some hundreds
select g.id, g.number, g.since, g.until, g.state, g.ended_on
from agreement g
where g.state <> 'draft'
  and exists (select f.id from agreement_party f
              join agreement_party t on t.agreement_id = f.agreement_id and t.id <> f.id
              where f.agreement_id = g.id
                and (f.body_id = :from_body or f.kind = :from_kind) --? from_body
                and (t.body_id = :to_body or t.kind = :to_kind))
  and exists (select k.id from agreement_carries k
              where k.agreement_id = g.id
                and (k.need = :need or k.scheme = :scheme or (k.need is null and k.scheme is null)))
order by coalesce(g.ended_on, g.until) desc, g.id desc

-- query: agreement_list
-- about: none
-- sort: newest = g.signed_on, g.id desc
-- page: 50
-- column: phase text open
select g.id, g.number, g.signed_on, g.kind, g.subject, g.since, g.until, g.state, g.ended_on,
       case when g.state <> 'in_force' then g.state
            when g.until < :today then 'over'
            when g.since > :today then 'ahead'
            when g.until <= :soon then 'ending'
            else 'in_force' end as phase {keys}
from agreement g
where {after}
  and g.kind = :kind                                                        --? kind
  and g.state = :state                                                      --? state
  and g.state = 'in_force' and g.since <= :today and g.until >= :today and g.until <= :soon   --? ending
  and exists (select p.id from agreement_party p where p.agreement_id = g.id and (p.body_id = :body or p.kind = :body_kind)) --? body
order by {order}
limit :limit

-- query: agreement_card
-- about: none
-- one
-- column: phase text open
select g.id, g.version, g.number, g.signed_on, g.kind, g.subject, g.since, g.until, g.state, g.ended_on, g.end_reason,
       case when g.state <> 'in_force' then g.state
            when g.until < :today then 'over'
            when g.since > :today then 'ahead'
            when g.until <= :soon then 'ending'
            else 'in_force' end as phase
from agreement g
where g.id = :id

-- query: agreement_parties
-- about: none
-- column: body_name text open "Body"
select p.id, p.body_id, b.name as body_name, p.kind
from agreement_party p
left join body b on b.id = p.body_id
where p.agreement_id = :agreement
order by p.id

-- query: agreement_carried
-- about: none
select k.id, k.need, k.scheme
from agreement_carries k
where k.agreement_id = :agreement
order by k.id

-- In force, and not much longer; body: of which it is a party.
-- query: agreement_ending
-- about: none
-- scan: agreements of a region are some hundreds
select g.id, g.number, g.kind, g.subject, g.until
from agreement g
where g.state = 'in_force' and g.since <= :today and g.until >= :today and g.until <= :soon
  and exists (select p.id from agreement_party p where p.agreement_id = g.id and (p.body_id = :body or p.kind = :body_kind)) --? body
order by g.until, g.id

-- query: agreement_facts
-- for: rule
-- maybe
select g.id, g.version, g.since, g.state
from agreement g
where g.id = :id

-- query: agreement_is_of
-- for: rule
-- maybe
select p.id
from agreement_party p
where p.agreement_id = :agreement and (p.body_id = :body or p.kind = :kind)
limit 1

-- query: party_there
-- for: rule
-- maybe
select p.id
from agreement_party p
where p.agreement_id = :agreement and (p.body_id = :body or p.kind = :kind)
limit 1

-- query: carried_there
-- for: rule
-- maybe
select k.id
from agreement_carries k
where k.agreement_id = :agreement
  and (k.need = :need or k.scheme = :scheme or (k.need is null and k.scheme is null))
limit 1

-- query: agreement_counts
-- for: rule
-- one
-- column: parties int open
-- column: carried int open
select (select count(*) from agreement_party p where p.agreement_id = g.id) as parties,
       (select count(*) from agreement_carries k where k.agreement_id = g.id) as carried
from agreement g
where g.id = :id

-- query: agreement_party_drop
-- for: write
delete from agreement_party where id = :id and agreement_id = :agreement

-- query: agreement_carries_drop
-- for: write
delete from agreement_carries where id = :id and agreement_id = :agreement

-- Of a body that is closed; `there`: its successor is a party already.
-- query: parties_of_body
-- for: rule
-- column: there int open
select p.id, p.agreement_id,
       (select count(*) from agreement_party o where o.agreement_id = p.agreement_id and o.body_id = :to_body) as there
from agreement_party p
where p.body_id = :from_body
order by p.id
