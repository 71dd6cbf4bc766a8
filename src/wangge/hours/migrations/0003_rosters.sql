-- Rosters: who is to stand where when. A draft until somebody publishes it; then its entries are stints.

-- What somebody can be put at: skills, noted by whoever plans.
create table hours_person (
    staff_id uuid        not null,
    skills   text[]      not null,
    by_id    uuid        not null,
    at       timestamptz not null,
    constraint hours_person_pk primary key (staff_id),
    constraint hours_person_is_staff foreign key (staff_id) references people_staff (id)
);

-- A day somebody is away (without why), would rather be spared, or would like to have.
create table hours_day (
    staff_id uuid        not null,
    day      date        not null,
    says     text        not null,
    by_id    uuid        not null,
    at       timestamptz not null,
    constraint hours_day_pk primary key (staff_id, day),
    constraint hours_day_of_staff foreign key (staff_id) references people_staff (id),
    constraint hours_day_says check (says in ('away', 'spare', 'like'))
);
create index hours_day_over on hours_day (day);

create table hours_roster (
    id           uuid             not null,
    area_code    text collate "C" not null,
    name         text             not null,
    first_day    date             not null,
    days         integer          not null,
    setup        jsonb            not null,             -- shifts, posts, people
    by_id        uuid             not null,
    at           timestamptz      not null,
    version      integer          not null default 1,   -- the latest
    published    integer          not null default 0,   -- the one people go by; 0: none
    published_by uuid,
    published_at timestamptz,
    work         text             not null default '',  -- what the clock works out; '': nothing
    asked_by     uuid,
    asked_at     timestamptz,
    seed         integer          not null default 0,
    tries        integer          not null default 0,
    done         integer          not null default 0,   -- so far, of so many
    whole        integer          not null default 0,
    told         jsonb            not null default '[]', -- why it could not be worked out
    constraint hours_roster_pk primary key (id),
    constraint hours_roster_says_its_name check (length(btrim(name)) between 1 and 40),
    constraint hours_roster_days check (days between 1 and 31),
    constraint hours_roster_work check (work in ('', 'make', 'mend')),
    constraint hours_roster_somebody_asked check
        ((work = '') or (asked_by is not null and asked_at is not null)),
    constraint hours_roster_somebody_publishes check
        ((published = 0) or (published_by is not null and published_at is not null))
);
create index hours_roster_area on hours_roster (area_code, at desc, id desc);
create index hours_roster_over on hours_roster ((first_day + days));
create index hours_roster_waiting on hours_roster (asked_at, id) where work <> '';

-- Every state it had, worked out or by hand.
create table hours_roster_version (
    roster_id uuid        not null,
    number    integer     not null,
    at        timestamptz not null,
    by_id     uuid        not null,
    what      text        not null,
    entries   jsonb       not null,                -- [day from 0, shift, post, staff id]
    sentences jsonb       not null default '[]',
    stopped   text        not null default '',     -- what ended the search; '' when it was done
    constraint hours_roster_version_pk primary key (roster_id, number),
    constraint hours_roster_version_of_roster foreign key (roster_id)
        references hours_roster (id) on delete cascade,
    constraint hours_roster_version_what check
        (what in ('begun', 'setup', 'made', 'mended', 'set', 'back'))
);

-- Each time it was published or taken back, with what people went by before.
create table hours_roster_published (
    roster_id uuid        not null,
    at        timestamptz not null,
    id        uuid        not null,
    version   integer     not null,                -- 0: taken back altogether
    before    integer     not null,
    undone    boolean     not null default false,
    by_id     uuid        not null,
    reason    text        not null,
    noted     integer     not null,
    cancelled integer     not null,
    constraint hours_roster_published_pk primary key (id),
    constraint hours_roster_published_of_roster foreign key (roster_id)
        references hours_roster (id) on delete cascade
);
create index hours_roster_published_roster on hours_roster_published (roster_id, at desc);
