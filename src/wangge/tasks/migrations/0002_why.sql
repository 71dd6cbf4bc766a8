-- Why this one is asked (a sentence as kept): with the present offer, and with those that were answered.
alter table tasks_task add column why text not null default '';
alter table tasks_offer add column why text not null default '';
-- What somebody has ended today, when the next one is chosen.
create index tasks_task_done on tasks_task (holder_id, ended_at) where state = 'done';
