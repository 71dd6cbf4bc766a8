-- Which batch merged a pair, so that the merge can be undone and the pair is open again.
alter table people_pair add column batch_id uuid;
create index people_pair_batch on people_pair (batch_id) where batch_id is not null;
