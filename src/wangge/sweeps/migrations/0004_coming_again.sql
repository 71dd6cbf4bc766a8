-- Rounds that come again can be paused and ended, wait for the one before, and skip days off.
alter table sweeps_plan
    add column workdays   boolean not null default false,
    add column wait_until timestamptz,
    add column paused_at  timestamptz,
    add column ended_at   timestamptz;
create index sweeps_plan_made on sweeps_plan (made_at, id);

-- How a testing round calls people down: so many people a wave at each community's sampling
-- point, a wave every so many minutes.
create table sweeps_waves (
    round_id uuid        not null,
    size     integer     not null,
    minutes  integer     not null,
    waves    integer     not null,
    by_id    uuid        not null,
    at       timestamptz not null,
    constraint sweeps_waves_pk primary key (round_id),
    constraint sweeps_waves_of_round foreign key (round_id) references sweeps_round (id),
    constraint sweeps_waves_size check (size between 10 and 100000),
    constraint sweeps_waves_minutes check (minutes between 5 and 1440)
);

-- A tube that was recorded wrongly stays and says who took it back.
alter table sweeps_tube
    add column withdrawn_at timestamptz,
    add column withdrawn_by uuid;
create index sweeps_sample_door on sweeps_sample (round_id, door_id);
