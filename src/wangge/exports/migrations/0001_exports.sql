-- Exports: what left the system as a file, by whom, why, who agreed, and whom it contained.
create table exports_export (
    id         uuid             not null,
    mark       text collate "C" not null,  -- printed on every sheet
    what       text             not null,
    spec       jsonb            not null,
    title      text             not null,
    area_code  text collate "C" not null,
    people     integer          not null,  -- as counted when it was asked for, then as made
    full_fields text[]          not null,
    format     text             not null,
    reason     text             not null,
    state      text             not null,
    asked_by   uuid             not null,
    asked_at   timestamptz      not null,
    decided_by uuid,
    decided_at timestamptz,
    answer     text             not null default '',
    made_at    timestamptz,
    rows       integer          not null default 0,
    bytes      bigint           not null default 0,
    file_id    uuid,
    expires_at timestamptz,
    fetched    integer          not null default 0,
    tries      integer          not null default 0,
    trouble    text             not null default '',
    constraint exports_export_pk primary key (id),
    constraint exports_export_mark unique (mark),
    constraint exports_export_of_staff foreign key (asked_by) references people_staff (id),
    constraint exports_export_decided_by_staff foreign key (decided_by)
        references people_staff (id),
    constraint exports_export_file foreign key (file_id) references kernel_file (id),
    constraint exports_export_state check (state in
        ('waiting', 'making', 'ready', 'refused', 'withdrawn', 'failed', 'expired')),
    constraint exports_export_format check (format in ('xlsx', 'csv')),
    constraint exports_export_has_a_reason check (length(btrim(reason)) >= 4),
    constraint exports_export_second_person check (decided_by <> asked_by),
    constraint exports_export_decided_at_a_moment check
        ((decided_by is null) = (decided_at is null)),
    constraint exports_export_a_file_expires check
        ((state = 'ready') = (file_id is not null and expires_at is not null))
);
create index exports_export_asked on exports_export (asked_by, asked_at desc, id desc);
create index exports_export_area on exports_export (area_code, asked_at desc, id desc);
create index exports_export_time on exports_export (asked_at desc, id desc);
create index exports_export_live on exports_export (state, asked_at)
    where state in ('waiting', 'making', 'ready');

-- Whom a file contained, so that each of them can be told.
create table exports_person (
    export_id   uuid             not null,
    resident_id uuid             not null,
    area_code   text collate "C" not null,
    constraint exports_person_pk primary key (export_id, resident_id),
    constraint exports_person_of_export foreign key (export_id)
        references exports_export (id) on delete cascade
);
create index exports_person_resident on exports_person (resident_id);

create table exports_fetch (
    id        uuid        not null,
    export_id uuid        not null,
    staff_id  uuid        not null,
    at        timestamptz not null,
    constraint exports_fetch_pk primary key (id),
    constraint exports_fetch_of_export foreign key (export_id)
        references exports_export (id) on delete cascade
);
create index exports_fetch_export on exports_fetch (export_id, at);
