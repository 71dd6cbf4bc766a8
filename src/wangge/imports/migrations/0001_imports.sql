-- Tables of people, doors and other registers on their way in: staged, judged row by row, mended,
-- applied in bites, undone as a whole. What rows say about people is sealed with the district's
-- key; beside it stand only codes, ids, keyed marks and the area of a door.

create table imports_import (
    id         uuid             not null,
    kind       text             not null,
    name       text             not null,
    encoding   text             not null,
    sheets     text[]           not null default '{}',
    headings   text[]           not null,
    mapping    jsonb            not null,
    remembered boolean          not null,
    notes      jsonb            not null default '[]',
    area_code  text collate "C" not null,
    phase      text             not null,
    rows       integer          not null default 0,
    by_id      uuid             not null,
    at         timestamptz      not null,
    applied_at timestamptz,
    undone_at  timestamptz,
    undone_by  uuid,
    constraint imports_import_pk primary key (id),
    constraint imports_import_work foreign key (id) references kernel_work (id) on delete cascade,
    constraint imports_import_phase check (phase in
        ('sheets', 'columns', 'judging', 'review', 'applying', 'undoing', 'cancelled', 'undone'))
);
create index imports_import_by on imports_import (by_id, at desc);
create index imports_import_area on imports_import (area_code, at desc, id);

-- A workbook of several sheets waits here, sealed, until somebody says which are meant.
create table imports_file (
    import_id uuid  not null,
    sealed    bytea not null,
    constraint imports_file_pk primary key (import_id),
    constraint imports_file_import foreign key (import_id)
        references imports_import (id) on delete cascade
);

-- The rows as they came (or were mended): `number` counts through all sheets, `at` is the row of
-- its sheet. `decided` is what a person said about it: {"door": id, "0": id or "new"}.
create table imports_row (
    import_id uuid     not null,
    number    integer  not null,
    sheet     smallint not null,
    at        integer  not null,
    sealed    bytea    not null,
    decided   jsonb    not null default '{}',
    mended    boolean  not null default false,
    constraint imports_row_pk primary key (import_id, number),
    constraint imports_row_import foreign key (import_id)
        references imports_import (id) on delete cascade
);

-- What would become of them: one line a person (a door, an entry). `home` is the first row of
-- its household; `marks` find the same person, `door_mark` the same door, `said_mark` the same
-- misunderstanding of an address in this table. `state`: open, queued, applied, left.
create table imports_line (
    import_id    uuid             not null,
    number       integer          not null,
    part         smallint         not null,
    verdict      text             not null,
    why          text             not null default '',
    state        text             not null default 'open',
    troubles     text[]           not null default '{}',
    area_code    text collate "C" not null default '',
    home         integer          not null,
    head         boolean          not null default false,
    home_kind    text             not null default '',
    dwelling_id  uuid,
    place_reason text             not null default '',
    target_id    uuid,
    household_id uuid,
    version      integer,
    door_mark    bigint           not null,
    said_mark    bigint           not null default 0,
    marks        bigint[]         not null,
    sealed       bytea            not null,
    constraint imports_line_pk primary key (import_id, number, part),
    constraint imports_line_row foreign key (import_id, number)
        references imports_row (import_id, number) on delete cascade,
    constraint imports_line_verdict check (verdict in
        ('new', 'changed', 'moved', 'merged', 'same', 'unplaced', 'refused', 'nothing')),
    constraint imports_line_state check (state in ('open', 'queued', 'applied', 'left'))
);
create index imports_line_home on imports_line (import_id, home);
create index imports_line_queued on imports_line (import_id, home) where state = 'queued';
create index imports_line_unplaced on imports_line (import_id, said_mark)
    where verdict = 'unplaced' and state = 'open';
