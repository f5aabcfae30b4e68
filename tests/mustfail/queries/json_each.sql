-- expect: functions in FROM are refused
-- query: bad
-- about: id bits recheck_at
-- column: x text open
select p.id, j.value as x, a.bits, a.recheck_at from access a join person p on p.id = a.person_id join json_each('[1]') j where a.body_id = :viewer_body
