-- Areas with islands and exclaves; areas brought by tables and drawings, with what was before.

alter table places_area drop constraint places_area_boundary_is_a_polygon;
alter table places_area add constraint places_area_boundary_is_an_area check (
    boundary is null or boundary ->> 'type' in ('Polygon', 'MultiPolygon'));

-- A table of areas or a drawing with their boundaries, on its way in.
create table places_import (
    id         uuid        not null,
    name       text        not null,
    kind       text        not null,
    datum      text        not null,
    hint       text        not null default '',  -- what the coordinates look like
    state      text        not null,
    by_id      uuid        not null,
    at         timestamptz not null,
    applied_at timestamptz,
    undone_at  timestamptz,
    notes      jsonb       not null default '[]',
    counts     jsonb       not null default '{}',
    constraint places_import_pk primary key (id),
    constraint places_import_kind check (kind in ('table', 'geojson')),
    constraint places_import_datum check (datum in ('wgs84', 'gcj02', 'bd09')),
    constraint places_import_state check (state in ('waiting', 'applied', 'undone'))
);
create index places_import_by on places_import (at desc, id desc);

-- One row of it. `was` and `became` are what an undo compares and puts back.
create table places_import_row (
    import_id uuid    not null,
    number    integer not null,
    code      text collate "C" not null,
    parent    text    not null,
    name      text    not null,
    kind      text    not null,
    grid_kind text    not null,
    boundary  jsonb,
    problem   text    not null default '',       -- what was wrong when it was read, as JSON
    taken     boolean not null default true,
    was       jsonb,
    became    jsonb,
    constraint places_import_row_pk primary key (import_id, number),
    constraint places_import_row_of_import foreign key (import_id)
        references places_import (id) on delete cascade
);
