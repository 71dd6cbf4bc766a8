-- What a table's headings meant the last time, so that the next export of that system is read alike.
create table dispatch_mapping (
    headings_hash bytea       not null,
    name          text        not null,
    mapping       jsonb       not null,
    used_at       timestamptz not null,
    constraint dispatch_mapping_pk primary key (headings_hash)
);

-- An uploaded table on its way to becoming cases. Its progress is the row of kernel_work with the
-- same id; its rows lie in dispatch_import_row until they are taken, and are gone when they are.
create table dispatch_import (
    id       uuid        not null,
    name     text        not null,
    encoding text        not null,
    headings text[]      not null,
    mapping  jsonb       not null,
    offer    boolean     not null default false,
    by_id    uuid        not null,
    at       timestamptz not null,
    constraint dispatch_import_pk primary key (id),
    constraint dispatch_import_work foreign key (id) references kernel_work (id) on delete cascade
);
create index dispatch_import_by on dispatch_import (by_id, at desc);

create table dispatch_import_row (
    import_id uuid    not null,
    number    integer not null,
    cells     text[]  not null,
    constraint dispatch_import_row_pk primary key (import_id, number),
    constraint dispatch_import_row_import foreign key (import_id)
        references dispatch_import (id) on delete cascade
);

-- Rows that were not taken, with why, to be mended and sent again; kept for a month.
create table dispatch_import_refused (
    import_id uuid    not null,
    number    integer not null,
    cells     text[]  not null,
    -- JSON, as kernel.refusals.Problem
    problems  text    not null,
    constraint dispatch_import_refused_pk primary key (import_id, number),
    constraint dispatch_import_refused_import foreign key (import_id)
        references dispatch_import (id) on delete cascade
);
