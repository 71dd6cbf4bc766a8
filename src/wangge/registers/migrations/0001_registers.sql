-- The other registers of a community: enterprises, shops, sites, schools, hotels, rented rooms,
-- vehicles, facilities. One table of things; what each kind keeps is data in the code
-- (registers/kinds.py), checked before it is written.

-- A thing belongs to an area, and lies behind a door, in a stairwell, in a building or at a point,
-- as far as is known. A plate is sealed like a telephone number. `details` holds the fields of the
-- kind by name; none of them is about a person. `confirmed_on` is the day the whole was last found
-- to be true, `confirmed` ({"field": "2026-03-18"}) the fields found so on another day, `stale_on`
-- the first day on which something of it has to be asked again; null when nothing ever goes stale.
create table registers_thing (
    id           uuid             not null,
    kind         text             not null,
    area_code    text collate "C" not null,
    dwelling_id  uuid,
    unit_id      uuid,
    building_id  uuid,
    location     text             not null default '',
    lon          double precision,
    lat          double precision,
    name         text             not null default '',
    credit_code  text             not null default '',
    plate_sealed bytea,
    plate_mask   text             not null default '',
    plate_index  bytea,
    details      jsonb            not null default '{}',
    opened_on    date,
    closed_on    date,
    closed_why   text             not null default '',
    confirmed_on date             not null,
    confirmed    jsonb            not null default '{}',
    stale_on     date,
    version      integer          not null default 1,
    updated_at   timestamptz      not null,
    constraint registers_thing_pk primary key (id),
    constraint registers_thing_behind_door foreign key (dwelling_id)
        references places_dwelling (id),
    constraint registers_thing_in_unit foreign key (unit_id) references places_unit (id),
    constraint registers_thing_in_building foreign key (building_id)
        references places_building (id),
    constraint registers_thing_door_says_unit check
        ((dwelling_id is null or unit_id is not null)
         and (unit_id is null or building_id is not null)),
    constraint registers_thing_point_is_whole check ((lon is null) = (lat is null)),
    constraint registers_thing_closed_why check ((closed_on is null) = (closed_why = '')
        and closed_why in ('', 'closed', 'moved', 'demolished', 'sold', 'finished', 'merged',
                           'mistake')),
    constraint registers_thing_closes_after_it_opened check
        (closed_on is null or opened_on is null or closed_on >= opened_on)
);
create index registers_thing_area on registers_thing (area_code, id);
create index registers_thing_stale on registers_thing (area_code, id, stale_on)
    where closed_on is null and stale_on is not null;
create index registers_thing_dwelling on registers_thing (dwelling_id)
    where dwelling_id is not null;
create index registers_thing_unit on registers_thing (unit_id) where unit_id is not null;
create index registers_thing_building on registers_thing (building_id)
    where building_id is not null;
create index registers_thing_credit_code on registers_thing (credit_code)
    where credit_code <> '';
create index registers_thing_closed on registers_thing (closed_on) where closed_on is not null;
-- Whoever buys a car finds it under its old owner, and closes that entry first.
create unique index registers_thing_one_plate on registers_thing (plate_index)
    where plate_index is not null and closed_on is null;

-- Who answers for a thing, in which part, from when to when. Whoever is in the residents' register
-- is only pointed at: their name and number stand there, once.
create table registers_person (
    id           uuid             not null,
    thing_id     uuid             not null,
    area_code    text collate "C" not null,
    unit_id      uuid,
    role         text             not null,
    resident_id  uuid,
    name         text             not null default '',
    name_mask    text             not null default '',
    phone_sealed bytea,
    phone_mask   text             not null default '',
    phone_tail   text             not null default '',
    phone_index  bytea,
    from_date    date             not null,
    to_date      date,
    version      integer          not null default 1,
    updated_at   timestamptz      not null,
    constraint registers_person_pk primary key (id),
    constraint registers_person_of_thing foreign key (thing_id) references registers_thing (id),
    constraint registers_person_is_resident foreign key (resident_id)
        references people_resident (id) on delete set null,
    constraint registers_person_role check (role in
        ('owner', 'manager', 'legal', 'landlord', 'safety', 'contact')),
    constraint registers_person_ends_after_it_began check
        (to_date is null or to_date >= from_date)
);
create index registers_person_thing on registers_person (thing_id, from_date);
create index registers_person_resident on registers_person (resident_id)
    where resident_id is not null;
create index registers_person_area on registers_person (area_code, id);
create index registers_person_ended on registers_person (to_date) where to_date is not null;
create unique index registers_person_one_of_a_role on registers_person (thing_id, role)
    where to_date is null;

-- What a search finds a thing by: keyed marks that say nothing without the district's key, without
-- the second lock, so that an index can serve them (docs/decisions/0012).
create table registers_search (
    thing_id  uuid             not null,
    area_code text collate "C" not null,
    unit_id   uuid,
    marks     bigint[]         not null,
    constraint registers_search_pk primary key (thing_id),
    constraint registers_search_of_thing foreign key (thing_id)
        references registers_thing (id) on delete cascade
);
create index registers_search_area on registers_search (area_code, thing_id);
create index registers_search_unit on registers_search (unit_id, thing_id);
create index registers_search_marks on registers_search using gin (marks);

alter table registers_thing enable row level security;
alter table registers_thing force row level security;
create policy registers_thing_within_reach on registers_thing using (
    (select current_setting('app.areas', true)) = 'all'
    or exists (
        select 1 from unnest((select string_to_array(current_setting('app.areas', true), ',')))
            as held(prefix)
         where area_code >= held.prefix and area_code < held.prefix || ':'));
alter table registers_person enable row level security;
alter table registers_person force row level security;
create policy registers_person_within_reach on registers_person using (
    (select current_setting('app.areas', true)) = 'all'
    or exists (
        select 1 from unnest((select string_to_array(current_setting('app.areas', true), ',')))
            as held(prefix)
         where area_code >= held.prefix and area_code < held.prefix || ':'));
