-- Values of the fields a district added itself (forms_entry): {"own_1": "…"}. When each was last
-- confirmed stands in `confirmed` like that of every other field.
alter table people_household add column more jsonb not null default '{}';
alter table people_resident add column more jsonb not null default '{}';
