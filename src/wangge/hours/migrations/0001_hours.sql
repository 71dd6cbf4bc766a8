-- Hours: stints of duty, planned and worked. One row is one stint: what was planned becomes what was
-- worked, so nobody is ever in two places, on paper or in truth; what a row said before is kept.
create table hours_stint (
    id         uuid             not null,
    staff_id   uuid             not null,
    area_code  text collate "C" not null,
    post       text             not null,
    starts_at  timestamptz      not null,
    ends_at    timestamptz      not null,
    state      text             not null,
    source     text             not null,
    roster_id  uuid,
    by_id      uuid             not null,
    at         timestamptz      not null,
    version    integer          not null default 1,
    constraint hours_stint_pk primary key (id),
    constraint hours_stint_of_staff foreign key (staff_id) references people_staff (id),
    constraint hours_stint_state check (state in ('planned', 'worked', 'cancelled')),
    constraint hours_stint_source check (source in ('office', 'self', 'roster')),
    constraint hours_stint_says_the_post check (length(btrim(post)) between 1 and 40),
    constraint hours_stint_at_most_a_day check (
        ends_at > starts_at and ends_at <= starts_at + interval '24 hours'),
    constraint hours_stint_one_place_at_a_time exclude using gist (
        staff_id with =, tstzrange(starts_at, ends_at) with &&)
        where (state <> 'cancelled')
);
create index hours_stint_area on hours_stint (area_code, ends_at) where state <> 'cancelled';
create index hours_stint_over on hours_stint (ends_at);
create index hours_stint_roster on hours_stint (roster_id) where roster_id is not null;

-- What a stint said before somebody changed it.
create table hours_before (
    stint_id  uuid        not null,
    version   integer     not null,
    post      text        not null,
    starts_at timestamptz not null,
    ends_at   timestamptz not null,
    state     text        not null,
    by_id     uuid        not null,
    at        timestamptz not null,
    why       text        not null,
    constraint hours_before_pk primary key (stint_id, version),
    constraint hours_before_of_stint foreign key (stint_id) references hours_stint (id)
        on delete cascade
);

-- Beyond a limit: who took it upon themselves, and why. Never the worker.
create table hours_override (
    stint_id uuid        not null,
    version  integer     not null,
    by_id    uuid        not null,
    at       timestamptz not null,
    reason   text        not null,
    breaches jsonb       not null,
    constraint hours_override_pk primary key (stint_id, version),
    constraint hours_override_of_stint foreign key (stint_id) references hours_stint (id)
        on delete cascade,
    constraint hours_override_by_staff foreign key (by_id) references people_staff (id),
    constraint hours_override_says_why check (length(btrim(reason)) between 4 and 200)
);
