-- What people call an estate or a house besides its name in the register: 老殷家, 外贸楼. Lists that
-- come in are read with these, so one nickname told once places every line that uses it.
create table places_alias (
    id          uuid             not null,
    compound_id uuid,
    building_id uuid,
    area_code   text collate "C" not null,
    name        text             not null,
    added_at    timestamptz      not null,
    constraint places_alias_pk primary key (id),
    constraint places_alias_of_compound foreign key (compound_id) references places_compound (id),
    constraint places_alias_of_building foreign key (building_id) references places_building (id),
    constraint places_alias_is_of_one_thing check (num_nonnulls(compound_id, building_id) = 1),
    constraint places_alias_is_short check (length(btrim(name)) between 1 and 40),
    constraint places_alias_once_for_a_compound unique (compound_id, name),
    constraint places_alias_once_for_a_building unique (building_id, name)
);
create index places_alias_area on places_alias (area_code, id);
