-- Suspicion: rules over the read log. Of persons there are numbers only; of a restricted one, and where the body's very name tells
-- something, not even so.

-- query: suspicion_list
-- about: none
-- column: worker text open "Worker"
-- column: login text open "Login"
-- column: body text open "Body"
-- column: person int open "Person, number"
-- scan: what the rules have found is little; the newest first
-- sort:  newest = s.id desc
-- page:  50
select s.id, s.rule, c.name as worker, c.login, b.name as body,
       case when b.discloses <> 0 or exists (select x.id from restriction x join person l on coalesce(l.merged_into, l.id) = x.person_id where l.id = s.person_id and x.ended_at is null)
            then null else s.person_id end as person,
       s.day, s.n, s.usual, s.raised_at, s.explained_at {keys}
from suspicion s
join account c on c.id = s.account_id
join body b on b.id = s.body_id
where s.covered_by is null and {after}
  and s.rule = :rule                       --? rule
  and s.body_id = :body                    --? body
  and c.login = :login                     --? login
  and s.day >= :from_day                   --? from_day
  and s.day <= :to_day                     --? to_day
  and s.explained_at is null and :open = 1 --? open
order by {order}
limit :limit

-- query: suspicion_card
-- one
-- like: suspicion_list
-- column: watched text open "Watched surname"
-- column: explainer text open "Explained by"
-- internal: account_id first_read last_read person_id
-- column: person_id int open
select s.id, s.version, s.rule, s.account_id, c.name as worker, c.login, b.name as body,
       case when b.discloses <> 0 or exists (select x.id from restriction x join person l on coalesce(l.merged_into, l.id) = x.person_id where l.id = s.person_id and x.ended_at is null)
            then null else s.person_id end as person,
       s.person_id, w.label as watched, s.day, s.n, s.usual, s.first_read, s.last_read, s.raised_at, h.name as explainer,
       s.explained_at, s.words
from suspicion s
join account c on c.id = s.account_id
join body b on b.id = s.body_id
left join watched_word w on w.id = s.watched_id
left join account h on h.id = s.explained_by
where s.id = :id and s.covered_by is null

-- The pages behind it: of the account, from the first to the last that counted.
-- query: suspicion_read
-- about: none
-- scan: the read log between two of its numbers
-- column: shows text open "Page"
-- column: provable int open "Has a proof"
-- sort:  newest = r.id desc
-- page:  50
select r.id, case when coalesce(b.discloses, 0) = 0 and not exists (select x.id from restriction x where x.ended_at is null and (r.persons like '% ' || x.person_id || ' %'
        or exists (select l.id from person l where l.merged_into = x.person_id and r.persons like '% ' || l.id || ' %'))) then 1 end as provable,
       r.at, r.page, null as shows {keys}
from read r
left join body b on b.id = r.body_id
where r.id >= :first and r.id <= :last and r.account_id = :account
  and r.persons like :mark     --? mark
  and {after}
order by {order}
limit :limit

-- query: suspicion_figures
-- for: count
-- column: rule code open "Rule" list=suspicion_rule
-- column: body text open "Body"
-- column: n int open "Raised"
-- column: explained int open "Explained"
-- scan: what the rules have found is little
select s.rule, b.name as body, count(*) as n, count(s.explained_at) as explained
from suspicion s
join body b on b.id = s.body_id
where s.day >= :from_day and s.day <= :to_day and s.covered_by is null
group by s.rule, b.name
order by s.rule, b.name

-- query: suspicion_rules
-- about: none
-- scan: a few codes
-- column: rule code open list=suspicion_rule
-- column: chosen int open
select substr(e.key, 16) as rule, null as chosen
from pack_entry e
where e.kind = 'code' and e.key >= 'suspicion_rule ' and e.key < 'suspicion_rule!'
order by e.ord, e.id

-- query: suspicion_bodies
-- about: none
-- scan: some hundred bodies of a region
-- column: chosen int open
select b.id, b.name, null as chosen
from body b
order by b.name_key, b.id

-- What the head is asked about: of his own workers, never of himself, from the day on that the packs name.
-- query: explanation_list
-- about: none
-- column: worker text open "Worker"
-- column: person int open "Person, number"
-- sort:  newest = s.id desc
-- page:  50
select s.id, s.rule, c.name as worker,
       case when exists (select x.id from restriction x join person l on coalesce(l.merged_into, l.id) = x.person_id where l.id = s.person_id and x.ended_at is null)
            then null else s.person_id end as person,
       s.day, s.n, s.usual, s.explained_at {keys}
from suspicion s
join account c on c.id = s.account_id
where s.body_id = :viewer_body and s.account_id <> :viewer_account and s.raised_at < :before and s.covered_by is null
  and s.explained_at is null and :open = 1 --? open
  and {after}
order by {order}
limit :limit

-- query: explanation_card
-- one
-- about: none
-- column: worker text open "Worker"
-- column: person int open "Person, number"
-- column: explainer text open "Explained by"
select s.id, s.version, s.rule, c.name as worker,
       case when exists (select x.id from restriction x join person l on coalesce(l.merged_into, l.id) = x.person_id where l.id = s.person_id and x.ended_at is null)
            then null else s.person_id end as person,
       s.day, s.n, s.usual, h.name as explainer, s.explained_at, s.words
from suspicion s
join account c on c.id = s.account_id
left join account h on h.id = s.explained_by
where s.id = :id and s.body_id = :viewer_body and s.account_id <> :viewer_account and s.raised_at < :before and s.covered_by is null

-- Watched surnames: the surname itself is never shown again.
-- query: watched_list
-- about: none
-- scan: a few
-- column: author text open "Set by"
-- column: lasts int open
-- sort:  newest = w.id desc
-- page:  50
select w.id, w.label, c.name as author, w.created_at, w.until, case when w.until >= :today then 1 else 0 end as lasts {keys}
from watched_word w
join account c on c.id = w.account_id
where {after}
order by {order}
limit :limit

-- query: watched_facts
-- for: rule
-- maybe
select w.id, w.until from watched_word w where w.id = :id

-- query: watched_find
-- for: rule
select w.id from watched_word w where w.word = :word and w.until >= :today

-- Surnames of whom the body leads a case, beginning so.
-- query: watched_own_case
-- for: rule
select p.family_name
from access a
join person p on p.id = a.person_id
where a.body_id = :viewer_body and a.name_key >= :name_from and a.name_key < :name_end
  and exists (select g.id from access_grant g where g.person_id = a.person_id and g.body_id = a.body_id and g.fact = 'case_own' and g.ended_at is null)
limit 500

-- query: search_notes
-- for: rule
-- scan: what waits is taken away at once
select n.id, n.at, n.account_id, n.body_id, n.watched_id, n.read_id from search_note n order by n.id limit 100

-- query: search_note_drop
-- for: write
delete from search_note where id = :id

-- ---- the job ----

-- query: reads_to_judge
-- for: rule
select r.id, r.at, r.account_id, r.body_id, r.page, r.persons, c.name, c.role, c.settlement, c.street, b.kind, b.district_id
from read r
left join account c on c.id = r.account_id
left join body b on b.id = r.body_id
where r.id > :id
order by r.id
limit :rows

-- What the body had at that instant: a case that it led, a referral that it had accepted.
-- query: judged_person
-- for: rule
-- maybe
-- column: own int open
-- column: asked int open
select p.family_name, p.name_key, p.district_id, p.address, p.lead_body_id,
       (select count(*) from access_grant g where g.person_id = p.id and g.body_id = :body and g.fact = 'case_own' and g.since <= :at
        and (g.ended_at is null or g.ended_at > :at) and (g.until is null or g.until > :at)) as own,
       (select count(*) from access_grant g where g.person_id = p.id and g.body_id = :body and g.fact = 'referral_accepted' and g.since <= :at
        and (g.ended_at is null or g.ended_at > :at) and (g.until is null or g.until > :at)) as asked
from person p
where p.id = :person

-- query: colleague_names
-- for: rule
select c.name from account c where c.body_id = :body

-- query: reader_day_get
-- for: rule
-- maybe
select d.first_read, d.shown, d.persons, d.away, d.night from reader_day d where d.account_id = :account and d.day = :day

-- query: reader_day_put
-- for: write
insert into reader_day (account_id, day, first_read, shown, persons, away, night)
values (:account, :day, :first_read, :shown, :persons, :away, :night)
on conflict (account_id, day) do update set shown = excluded.shown, persons = excluded.persons, away = excluded.away, night = excluded.night

-- query: reader_days_close
-- for: write
update reader_day set persons = null, away = null, night = null where day < :day and persons is not null

-- query: reader_days_drop
-- for: write
delete from reader_day where day < :day

-- query: usual_own
-- for: rule
select d.shown from reader_day d where d.account_id = :account and d.day < :day order by d.day desc limit :rows

-- query: usual_role
-- for: rule
select d.shown
from reader_day d
join account c on c.id = d.account_id
where d.day < :day and d.day >= :since and c.role = :role and c.id <> :account
order by d.day desc, d.account_id
limit 1000

-- query: suspicion_found
-- for: rule
-- column: covered_n int open
select s.id, s.person_id, s.watched_id, s.n, s.last_read, s.covered_by, (select c.n from suspicion c where c.id = s.covered_by) as covered_n
from suspicion s
where s.account_id = :account and s.day = :day and s.rule = :rule

-- query: suspicion_grow
-- for: write
update suspicion set n = :n, last_read = :last_read where id = :id

-- What a head has explained lately of the same account and rule, and of the same person or word.
-- query: suspicion_explained
-- for: rule
-- maybe
-- scan: items of one account
select s.id, s.n
from suspicion s
where s.account_id = :account and s.rule = :rule and s.explained_at >= :since and coalesce(s.person_id, 0) = :person and coalesce(s.watched_id, 0) = :watched
order by s.n desc, s.id desc
limit 1

-- query: suspicion_uncover
-- for: write
update suspicion set covered_by = null, raised_at = :now where id = :id

-- query: suspicion_facts
-- for: rule
-- maybe
select s.id, s.account_id, s.body_id, s.raised_at, s.explained_at from suspicion s where s.id = :id and s.covered_by is null

-- query: refusal_notes
-- for: rule
select n.id, n.at, n.account_id, n.body_id, n.kind from refusal_note n order by n.id limit 100

-- query: refusal_note_drop
-- for: write
delete from refusal_note where id = :id

-- query: refusal_day_put
-- for: write
insert into refusal_day (account_id, day, kind, n) values (:account, :day, :kind, 1)
on conflict (account_id, day, kind) do update set n = refusal_day.n + 1

-- query: refusal_day_sum
-- for: rule
-- one
-- column: n int open
select coalesce(sum(d.n), 0) as n from refusal_day d where d.account_id = :account and d.day = :day

-- query: refusal_days_drop
-- for: write
delete from refusal_day where day < :day

-- query: refusal_day_list
-- about: none
select d.kind, d.n from refusal_day d where d.account_id = :account and d.day = :day order by d.kind

-- query: suspicions_old
-- for: rule
select s.id, s.raised_at from suspicion s where s.day < :day order by s.day, s.id limit 100

-- Ended long ago, and named by no item that still stands.
-- query: watched_old
-- for: rule
-- scan: a few words
select w.id, w.created_at
from watched_word w
where w.until < :day and not exists (select s.id from suspicion s where s.watched_id = w.id)
order by w.id
limit 100

-- query: watched_drop
-- for: write
delete from watched_word where id = :id

-- query: search_notes_old
-- for: rule
-- scan: what waits is taken away at once
select n.id from search_note n where n.at < :before order by n.id limit 100

-- query: suspicion_drop
-- for: write
delete from suspicion where id = :id
