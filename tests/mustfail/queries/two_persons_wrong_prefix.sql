-- expect: column a_other is of another person than a_id
-- query: bad
-- about: a_id a_bits a_recheck
-- about: b_ b_id b_bits b_recheck
select pair.a_id, pair.b_id, q.family_name as a_other, x.bits as a_bits, x.recheck_at as a_recheck, y.bits as b_bits, y.recheck_at as b_recheck
from pair join person p on p.id = pair.a_id join person q on q.id = pair.b_id
join access x on x.person_id = p.id and x.body_id = :viewer_body
join access y on y.person_id = q.id and y.body_id = :viewer_body
