-- A proposal that kills its process is not worked out for ever; those that wait are found at once.
alter table planning_proposal add column tries integer not null default 0;
create index planning_proposal_waiting on planning_proposal (at, id) where state = 'waiting';
