-- The day and hour a plan counts from. Its next time may lie later, where days off are skipped;
-- counted from there, every shift would move all times after it.
alter table sweeps_plan add column anchor timestamptz;
update sweeps_plan set anchor = coalesce(next_at, made_at);
alter table sweeps_plan alter column anchor set not null;
