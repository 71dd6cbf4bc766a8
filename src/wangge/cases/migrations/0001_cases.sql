-- Classes are data: one row per class and filing condition, each with its own limit.
create table cases_class (
    code               text collate "C" not null,
    position           integer not null,
    name_zh            text    not null,
    name_en            text    not null,
    platform           text    not null,
    first_level        text    not null,
    condition_zh       text    not null,
    condition_en       text    not null,
    closing_condition_zh text  not null,
    span_value         text    not null,
    span_kind          text    not null,
    deadline_source    text    not null,
    deadline_reference text    not null,
    needs_response     boolean not null,
    emergency_lines    text[]  not null,
    on_the_spot        boolean not null,
    active             boolean not null default true,
    constraint cases_class_pk primary key (code),
    constraint cases_class_level check (first_level in ('grid', 'community', 'street', 'county')),
    constraint cases_class_span check
        (span_kind in ('urgent_hour', 'work_hour', 'work_day', 'natural_day'))
);

-- Words that speak for a class; a word without a class hides the shorter words inside it.
create table cases_keyword (
    word       text    not null,
    class_code text collate "C",
    weight     integer not null,
    constraint cases_keyword_pk primary key (word),
    constraint cases_keyword_class foreign key (class_code) references cases_class (code)
);

-- Days that are not as the week says: holidays off, swapped workdays on.
create table cases_day (
    day    date    not null,
    worked boolean not null,
    name   text    not null default '',
    constraint cases_day_pk primary key (day)
);

create table cases_case (
    id             uuid        not null,
    receipt        text collate "C" not null,
    area_code      text collate "C" not null,
    street_code    text collate "C" not null generated always as (left(area_code, 9)) stored,
    community_code text collate "C" not null generated always as (left(area_code, 12)) stored,
    grid_code      text collate "C" not null generated always as (left(area_code, 15)) stored,
    channel        text        not null,
    trusted        boolean     not null,
    external_id    text,
    title          text        not null,
    words          text        not null,
    place          text        not null default '',
    lon            double precision,
    lat            double precision,
    unit_id        uuid,
    dwelling_id    uuid,
    reporter_id    uuid,
    contact_sealed bytea,
    contact_mask   text,
    class_code     text collate "C",
    class_by       text,
    class_reason   text        not null default '',
    platform       text,
    rule_id        uuid,
    route_reason   text        not null default '',
    unit           text collate "C",
    owner_id       uuid,
    handler_id     uuid,
    level          text        not null,
    response_id    uuid,
    state          text        not null,
    urgent         boolean     not null default false,
    verified       boolean     not null default false,
    returned       boolean     not null default false,
    returns        integer     not null default 0,
    reworks        integer     not null default 0,
    reopened       integer     not null default 0,
    score          integer,
    merged_into    uuid,
    result         text        not null default '',
    reported_at    timestamptz not null,
    received_at    timestamptz not null,
    state_at       timestamptz not null,
    -- The limit of the present state, a value with its cause; null when nothing is awaited.
    due_at         timestamptz,
    due_what       text,
    due_cause      text        not null default '',
    -- The class limit, once the handling clock runs.
    final_due_at   timestamptz,
    final_cause    text        not null default '',
    final_minutes  integer,
    final_kind     text,
    paused_minutes integer,
    -- When an overdue case climbs to the next level; null when it cannot climb further.
    climb_at       timestamptz,
    ended_at       timestamptz,
    version        integer     not null default 1,
    constraint cases_case_pk primary key (id),
    constraint cases_case_receipt unique (receipt),
    constraint cases_case_class foreign key (class_code) references cases_class (code),
    constraint cases_case_channel check (channel in
        ('worker', 'resident', 'hotline', 'police', 'camera', 'enterprise', 'superior', 'batch')),
    constraint cases_case_level check (level in ('grid', 'community', 'street', 'county')),
    constraint cases_case_state check (state in
        ('reported', 'self_closed', 'verifying', 'filed', 'dispatched', 'acked', 'handling',
         'extension_pending', 'suspended', 'handled', 'inspecting', 'rework', 'closed',
         'called_back', 'void', 'merged')),
    constraint cases_case_score check (score between 1 and 5),
    constraint cases_case_point check ((lon is null) = (lat is null))
);
-- One index for each breadth of reach, in the order a list is read (newest first); a page costs
-- the same wherever it begins and whoever asks.
create index cases_case_time on cases_case (reported_at desc, id desc);
create index cases_case_street on cases_case (street_code, reported_at desc, id desc);
create index cases_case_community on cases_case (community_code, reported_at desc, id desc);
create index cases_case_grid on cases_case (grid_code, reported_at desc, id desc);
create index cases_case_live on cases_case (due_at, id) where ended_at is null;
create index cases_case_live_community on cases_case (community_code, due_at, id)
    where ended_at is null;
create index cases_case_climb on cases_case (climb_at)
    where ended_at is null and climb_at is not null;
create index cases_case_rare on cases_case (state, reported_at desc, id desc)
    where state in ('void', 'merged', 'called_back', 'self_closed');
create index cases_case_units on cases_case (unit_id, reported_at desc, id desc)
    where unit_id is not null;
create unique index cases_case_external on cases_case (channel, external_id)
    where external_id is not null;

-- What happened to a case, in order; only ever added to.
create table cases_step (
    id         uuid        not null,
    case_id    uuid        not null,
    n          integer     not null,
    at         timestamptz not null,
    actor_id   uuid        not null,
    verb       text        not null,
    from_state text,
    to_state   text        not null,
    opinion    text        not null default '',
    target     text,
    minutes    integer     not null default 0,
    overdue    boolean     not null default false,
    due_at     timestamptz,
    due_what   text,
    due_cause  text        not null default '',
    constraint cases_step_pk primary key (id)
);
create index cases_step_case on cases_step (case_id, n);
revoke update, delete, truncate on cases_step from current_user;

create table cases_photo (
    case_id uuid not null,
    file_id uuid not null,
    purpose text not null,
    at      timestamptz not null,
    constraint cases_photo_pk primary key (case_id, file_id),
    constraint cases_photo_case foreign key (case_id) references cases_case (id),
    constraint cases_photo_file foreign key (file_id) references kernel_file (id),
    constraint cases_photo_purpose check (purpose in ('report', 'verify', 'result', 'inspect'))
);

-- What a case can be found by: bigrams of its words and place, its receipt, class, channel,
-- platform and areas. Filled by a listener a moment after the commit, so that taking a report
-- in does not pay for finding it.
create table cases_search (
    case_id     uuid        not null,
    reported_at timestamptz not null,
    marks       text[]      not null,
    constraint cases_search_pk primary key (case_id)
);
create index cases_search_marks on cases_search using gin (marks);
