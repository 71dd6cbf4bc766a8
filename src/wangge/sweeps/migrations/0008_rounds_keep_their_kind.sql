-- Rounds from before kinds were edited keep theirs from now on too, so that a change of the kind
-- refuses no report that a phone still holds. 0003 made the three questions of 三个探望 required;
-- of a round that was opened without that they are asked as they were.
-- Phones that hold these rounds' rosters are sent every door once more: those of before do not say
-- what is asked at them.
update sweeps_door d set mark = b.version + 1
  from sweeps_block b, sweeps_round r
 where b.round_id = d.round_id and b.id = d.block_id
   and r.id = d.round_id and r.closed_at is null and r.form is null;
update sweeps_block b set version = b.version + 1
  from sweeps_round r
 where r.id = b.round_id and r.closed_at is null and r.form is null;
update sweeps_round r
   set form = case when k.code = 'visit' and k.version = 1
                   then to_jsonb(k) || jsonb_build_object('questions', (
                        select coalesce(jsonb_agg(q.one - 'required' order by q.n), '[]')
                          from jsonb_array_elements(k.questions) with ordinality as q(one, n)))
                   else to_jsonb(k) end
  from sweeps_kind k
 where k.code = r.kind and r.form is null;
