-- Which micro-grid a stairwell belonged to, and since when: a line for every time one of them was
-- given to another micro-grid without any area beginning or ending.
create table places_unit_move (
    id        uuid             not null,
    unit_id   uuid             not null,
    area_code text collate "C" not null,  -- where it belongs from that day on
    from_code text collate "C" not null,
    on_day    date             not null,
    at        timestamptz      not null,
    by_id     uuid             not null,
    cause     uuid,                       -- the proposal it came from
    reason    text             not null,
    constraint places_unit_move_pk primary key (id),
    constraint places_unit_move_of_unit foreign key (unit_id) references places_unit (id),
    constraint places_unit_move_goes_elsewhere check (area_code <> from_code),
    constraint places_unit_move_has_a_reason check (length(btrim(reason)) between 1 and 200)
);
create index places_unit_move_unit on places_unit_move (unit_id, at);
create index places_unit_move_area on places_unit_move (area_code, id);
