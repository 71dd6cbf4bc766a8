-- Kinds are edited on the desk, and a round keeps what it was opened with: `form` is its kind's row
-- as it was then, with the questions that came along from elsewhere. Null for rounds from before.
-- `feeds`: what was answered to questions with a field goes into the register when a round closes.
alter table sweeps_kind add column version integer not null default 1;
alter table sweeps_kind add column feeds boolean not null default false;
alter table sweeps_kind add column changed_at timestamptz;
alter table sweeps_kind add column changed_by uuid;
alter table sweeps_round add column form jsonb;
-- How far the register has been given the answers of a closed round: the certificate's number.
alter table sweeps_round add column fed integer not null default 0;

-- 三个探望 is for its three questions.
update sweeps_kind
   set questions = (select jsonb_agg(q.one || '{"required": true}' order by q.n)
                      from jsonb_array_elements(questions) with ordinality as q(one, n))
 where code = 'visit' and jsonb_array_length(questions) = 3;
