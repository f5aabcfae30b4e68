-- expect: person.hiv_status is used in conditions
-- query: bad
-- about: id bits recheck_at
select p.id, a.bits, a.recheck_at from access a join (select q.id, q.hiv_status as h from person q) p on p.id = a.person_id where a.body_id = :viewer_body and h = '1'
