-- Lists of people held against the register. What a row says is sealed with the district's key;
-- beside it stand only codes, ids and the door. When a list's time is over its rows go, and what
-- stays of it is that it was: purpose, who asked, how many.

create table verification_list (
    id          uuid             not null,
    title       text             not null,
    purpose     text             not null,
    asker       text             not null,
    area_code   text collate "C" not null,
    response_id uuid,
    keep_until  date             not null,
    digest      bytea            not null,
    headings    text[]           not null,
    columns     jsonb            not null,
    rows        integer          not null,
    phase       text             not null,
    by_id       uuid             not null,
    at          timestamptz      not null,
    signed_by   uuid,
    signed_at   timestamptz,
    gone_at     timestamptz,
    gone_why    text             not null default '',
    constraint verification_list_pk primary key (id),
    constraint verification_list_work foreign key (id) references kernel_work (id) on delete cascade,
    constraint verification_list_phase check (phase in ('checking', 'review', 'signed', 'gone')),
    constraint verification_list_two_people check (signed_by is null or signed_by <> by_id)
);
create index verification_list_area on verification_list (area_code, at desc, id);
create index verification_list_response on verification_list (response_id)
    where response_id is not null and gone_at is null;
create unique index verification_list_once on verification_list (area_code, digest)
    where gone_at is null;

-- One row of a list. `state`: waiting (not looked at yet), right, proposed (a mend somebody has to
-- look at), mended, open (with its question), settled (asked). `by_id` mended or settled it.
create table verification_row (
    list_id     uuid        not null,
    number      integer     not null,
    at          integer     not null,
    sealed      bytea       not null,
    state       text        not null default 'waiting',
    why         text        not null default '',
    question    text        not null default '',
    mends       text[]      not null default '{}',
    differs     text[]      not null default '{}',
    signs       jsonb       not null default '{}',
    target_id   uuid,
    rivals      jsonb       not null default '[]',
    dwelling_id uuid,
    same_as     integer     not null default 0,
    same_why    text        not null default '',
    outcome     text        not null default '',
    tries       integer     not null default 0,
    by_id       uuid,
    by_at       timestamptz,
    constraint verification_row_pk primary key (list_id, number),
    constraint verification_row_list foreign key (list_id)
        references verification_list (id) on delete cascade,
    constraint verification_row_state check (state in
        ('waiting', 'right', 'proposed', 'mended', 'open', 'settled')),
    constraint verification_row_named check
        (state not in ('mended', 'settled') or by_id is not null)
);
create index verification_row_state on verification_row (list_id, state, number);

-- What in a list's contacts does not fit: the entries as the list calls them, sealed, and the rows.
create table verification_finding (
    list_id uuid    not null,
    number  integer not null,
    kind    text    not null,
    rows    integer[] not null,
    sealed  bytea   not null,
    by_id   uuid,
    by_at   timestamptz,
    constraint verification_finding_pk primary key (list_id, number),
    constraint verification_finding_list foreign key (list_id)
        references verification_list (id) on delete cascade
);

-- Who opened which row in full, and when.
create table verification_look (
    id        uuid             not null,
    list_id   uuid             not null,
    number    integer          not null,
    staff_id  uuid             not null,
    area_code text collate "C" not null,
    at        timestamptz      not null,
    constraint verification_look_pk primary key (id)
);
create index verification_look_at on verification_look (at);
create index verification_look_list on verification_look (list_id, at desc, id);
