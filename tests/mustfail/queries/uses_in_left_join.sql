-- expect: `(a.bits & :uses) = :uses` is missing
-- query: bad
-- about: id bits recheck_at
-- uses: identity
select p.id, a.bits, a.recheck_at from person p left join access a on a.person_id = p.id and a.body_id = :viewer_body and (a.bits & :uses) = :uses where p.name_key = :k
