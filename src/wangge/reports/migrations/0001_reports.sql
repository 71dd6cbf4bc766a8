-- Reports: tables that are asked for again and again, kept as what they ask, never as what they
-- answered. Runs are numbers and a sealed comparison; the answers leave by exports.

create table reports_report (
    id          uuid             not null,
    name        text             not null,
    asker       text             not null,
    area_code   text collate "C" not null,
    spec        jsonb            not null,
    personal    boolean          not null,
    full_names  text[]           not null default '{}',
    template_id uuid,
    mapping     jsonb            not null default '[]',
    request_id  uuid,
    owner_id    uuid             not null,
    every       text             not null default 'never',
    at_minute   integer          not null default 420,
    reason      text             not null default '',
    next_at     timestamptz,
    made_at     timestamptz      not null,
    changed_at  timestamptz      not null,
    closed_at   timestamptz,
    version     integer          not null default 1,
    constraint reports_report_pk primary key (id),
    constraint reports_report_of_request foreign key (request_id) references forms_request (id),
    constraint reports_report_name check (length(btrim(name)) between 1 and 60),
    constraint reports_report_asker check (length(asker) <= 60),
    constraint reports_report_every check (every in ('never', 'daily', 'weekly', 'monthly')),
    constraint reports_report_at check (at_minute between 0 and 1439),
    constraint reports_report_scheduled check ((every = 'never') = (next_at is null)),
    -- Nobody is there to give a reason when the clock makes a list of people.
    constraint reports_report_reason check
        (every = 'never' or not personal or length(btrim(reason)) >= 4)
);
create index reports_report_area on reports_report (area_code) where closed_at is null;
create index reports_report_due on reports_report (next_at) where next_at is not null;
create index reports_report_request on reports_report (request_id) where request_id is not null;

create table reports_run (
    id          uuid             not null,
    report_id   uuid             not null,
    area_code   text collate "C" not null,
    by_id       uuid             not null,
    by_clock    boolean          not null,
    at          timestamptz      not null,
    digest      bytea            not null,
    only_new    boolean          not null,
    export_id   uuid,
    file_id     uuid,
    state       text             not null,
    rows        integer          not null default 0,
    people      integer          not null default 0,
    cells       integer          not null default 0,
    unknown     integer          not null default 0,
    compared_to uuid,
    new_rows    integer,
    changed_rows integer,
    gone_rows   integer,
    changed_columns jsonb,
    constraint reports_run_pk primary key (id),
    constraint reports_run_of_report foreign key (report_id) references reports_report (id),
    constraint reports_run_state check (state in ('asked', 'ready', 'failed', 'gone'))
);
create index reports_run_report on reports_run (report_id, at);
create index reports_run_export on reports_run (export_id) where export_id is not null;
create index reports_run_at on reports_run (at);

-- What a run held, to compare the next one with: the ids of its rows and a check sum of each cell,
-- sealed in pieces. Nobody's data can be read out of it, but whether something changed.
create table reports_snapshot (
    run_id uuid    not null,
    part   integer not null,
    sealed bytea   not null,
    constraint reports_snapshot_pk primary key (run_id, part),
    constraint reports_snapshot_of_run foreign key (run_id) references reports_run (id)
        on delete cascade
);
