-- A full number may stand in a register above this room (`registers`): whoever looks at it looks at
-- a thing there, counts in the same hour and is kept in the same place. No key points up.
alter table people_look
    add column thing_id uuid,
    drop constraint people_look_field,
    drop constraint people_look_of_one,
    add constraint people_look_field check
        (field in ('phone', 'id_number', 'name', 'landlord_name', 'landlord_phone',
                   'person_name', 'person_phone', 'plate')),
    add constraint people_look_of_one check
        (num_nonnulls(resident_id, household_id, thing_id) = 1);
create index people_look_thing on people_look (thing_id, at) where thing_id is not null;
