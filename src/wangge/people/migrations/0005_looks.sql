-- A landlord is no resident: whoever looks at their number looks at a household.
alter table people_look
    alter column resident_id drop not null,
    add column household_id uuid,
    drop constraint people_look_field,
    add constraint people_look_field check
        (field in ('phone', 'id_number', 'name', 'landlord_name', 'landlord_phone')),
    add constraint people_look_of_one check ((resident_id is null) <> (household_id is null));
create index people_look_household on people_look (household_id, at)
    where household_id is not null;
-- Decided pairs are listed by when.
create index people_pair_decided on people_pair (decided_at desc, id) where state <> 'open';
