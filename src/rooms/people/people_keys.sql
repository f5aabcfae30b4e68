-- The indexes of the search: see people_keys.h.

-- query: person_keys_add
-- for: write
insert into person_key (key, person_id)
values (:a, :person), (:b, :person), (:c, :person), (:d, :person)
on conflict (key, person_id) do nothing

-- query: person_key_add
-- for: write
insert into person_key (key, person_id) values (:key, :person)
on conflict (key, person_id) do nothing

-- query: person_key_drop
-- for: write
delete from person_key where key = :key and person_id = :person

-- query: person_keys_clear
-- for: write
-- scan: all of them go
delete from person_key where key is not null

-- query: name_word_add
-- for: write
insert into name_word (word)
select :word where not exists (select 1 from name_word w where w.word = :word)

-- query: key_walk
-- for: rule
select p.id from person p where p.id > :after order by p.id limit :rows

-- query: key_other_names
-- for: rule
select n.id, n.name from person_name n where n.person_id = :person order by n.id

-- query: key_there
-- for: rule
-- maybe
select k.person_id from person_key k where k.key = :key and k.person_id = :person

-- query: word_there
-- for: rule
-- maybe
select w.id from name_word w where w.word = :word order by w.id limit 1

-- query: key_count
-- for: rule
-- one
-- column: n int open
-- scan: `bereg check` reads all
select count(*) as n from person_key k

-- The vocabulary from a word on, for the memory of a process.
-- query: name_words
-- for: rule
select w.id, w.word from name_word w where w.id > :after order by w.id limit :rows
