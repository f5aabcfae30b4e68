-- Entries of packs. They tell nothing about persons.

-- query: pack_entry_all
-- for: rule
-- scan: all entries are read at once, at start
select e.id, e.pack, e.kind, e.key, e.ord, e.props
from pack_entry e
order by e.ord, e.id

-- query: pack_entry_drop
-- for: write
delete from pack_entry where id = :id

-- query: terms_now
-- for: rule
-- one
-- column: version int open
select max(k.value) as version from counter k where k.name = 'terms'

-- query: pack_entry_list
-- about: none
-- sort: place = e.ord, e.id
-- page: 50
select e.id, e.pack, e.kind, e.key, e.label, e.act, e.verified {keys}
from pack_entry e
where {after}
  and e.kind = :kind                     --? kind
  and e.pack = :pack                     --? pack
  and e.verified = :verified             --? verified
order by {order}
limit :limit

-- query: pack_entry_card
-- about: none
-- one
select e.id, e.pack, e.kind, e.key, e.label, e.act, e.verified, e.props
from pack_entry e
where e.id = :id

-- query: pack_kind_list
-- about: none
-- column: n int open "Entries"
-- column: chosen int open
-- scan: a few thousand small rows, for an administrator
select e.kind, count(*) as n, max(case when e.kind = :chosen then 1 else 0 end) as chosen
from pack_entry e
group by e.kind
order by e.kind

-- query: pack_name_list
-- about: none
-- column: chosen int open
-- scan: a few thousand small rows, for an administrator
select e.pack, max(case when e.pack = :chosen then 1 else 0 end) as chosen
from pack_entry e
group by e.pack
order by e.pack
