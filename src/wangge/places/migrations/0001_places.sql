-- Places: areas (county to micro-grid), compounds, buildings, units and dwellings.

-- A code is its own path: 6 county + 3 street + 3 community + 3 grid + 3 micro-grid. Codes are
-- never reused: a closed area keeps its row and names those that came after it.
create table places_area (
    code       text collate "C" not null,
    kind       text             not null,
    grid_kind  text,
    name       text             not null,
    valid_from date             not null,
    valid_to   date,
    successors text[] collate "C" not null default '{}',
    boundary   jsonb,
    centre_lon double precision,
    centre_lat double precision,
    constraint places_area_pk primary key (code),
    constraint places_area_code_is_digits check (code ~ '^[0-9]+$'),
    constraint places_area_length_says_kind check (
        length(code) = case kind when 'county' then 6 when 'street' then 9
                                 when 'community' then 12 when 'grid' then 15
                                 when 'micro_grid' then 18 else 0 end),
    constraint places_area_grid_kind check (
        grid_kind is null
        or (kind = 'grid' and grid_kind in ('base', 'dedicated'))
        or (kind = 'micro_grid' and grid_kind in ('stairwell', 'checkpoint', 'enterprise'))),
    constraint places_area_has_a_name check (length(btrim(name)) between 1 and 60),
    constraint places_area_ends_after_it_began check (valid_to is null or valid_to >= valid_from),
    constraint places_area_open_has_no_successors check (
        valid_to is not null or cardinality(successors) = 0),
    constraint places_area_centre_is_whole check ((centre_lon is null) = (centre_lat is null)),
    constraint places_area_boundary_is_a_polygon check (
        boundary is null or boundary ->> 'type' = 'Polygon')
);

-- A housing estate, a street side, a village: what people name when they give an address.
create table places_compound (
    id        uuid             not null,
    area_code text collate "C" not null,
    name      text             not null,
    lon       double precision,
    lat       double precision,
    constraint places_compound_pk primary key (id)
);
create index places_compound_area on places_compound (area_code);

create table places_building (
    id          uuid             not null,
    compound_id uuid             not null,
    area_code   text collate "C" not null,
    name        text             not null,
    number      text             not null,
    floors      integer          not null,
    lon         double precision,
    lat         double precision,
    footprint   jsonb,
    constraint places_building_pk primary key (id),
    constraint places_building_in_compound foreign key (compound_id)
        references places_compound (id),
    constraint places_building_floors check (floors between 1 and 200)
);
create index places_building_area on places_building (area_code);
create index places_building_compound on places_building (compound_id);

-- A unit (单元) is one stairwell; its area is the micro-grid when there is one.
create table places_unit (
    id          uuid             not null,
    building_id uuid             not null,
    area_code   text collate "C" not null,
    name        text             not null,
    number      text             not null,
    has_lift    boolean          not null,
    constraint places_unit_pk primary key (id),
    constraint places_unit_in_building foreign key (building_id)
        references places_building (id)
);
create index places_unit_area on places_unit (area_code);
create index places_unit_building on places_unit (building_id);

-- A dwelling (户) is a door. Who lives behind it is a household, in people.
create table places_dwelling (
    id        uuid             not null,
    unit_id   uuid             not null,
    area_code text collate "C" not null,
    floor     integer          not null,
    room      text             not null,
    name      text             not null,
    constraint places_dwelling_pk primary key (id),
    constraint places_dwelling_in_unit foreign key (unit_id) references places_unit (id),
    constraint places_dwelling_room_once_in_unit unique (unit_id, room)
);
create index places_dwelling_area on places_dwelling (area_code, id);
