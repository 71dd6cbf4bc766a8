-- People: households and residents behind a second lock, staff and their posts, teams.

create table people_org (
    id        uuid             not null,
    code      text             not null,
    name      text             not null,
    platform  text             not null,
    area_code text collate "C" not null,
    kind      text             not null,
    closed_at timestamptz,
    constraint people_org_pk primary key (id),
    constraint people_org_code unique (code),
    constraint people_org_platform check (platform ~ '^[A-Z]{2,4}$'),
    constraint people_org_kind check
        (kind in ('bureau', 'station', 'team', 'company', 'other'))
);

create table people_staff (
    id           uuid    not null,
    name         text    not null,
    phone_sealed bytea,
    phone_mask   text    not null default '',
    active       boolean not null default true,
    constraint people_staff_pk primary key (id),
    constraint people_staff_has_a_name check (length(btrim(name)) between 1 and 40)
);

-- A post (岗位): a role over an area, or over single units and buildings of it, until a moment.
create table people_post (
    id           uuid             not null,
    staff_id     uuid             not null,
    role         text             not null,
    area_code    text collate "C" not null,
    unit_ids     uuid[]           not null default '{}',
    building_ids uuid[]           not null default '{}',
    org_id       uuid,
    helper       boolean          not null default false,
    from_at      timestamptz      not null,
    until_at     timestamptz,
    over         boolean          not null default false,  -- its end has been said as a fact
    constraint people_post_pk primary key (id),
    constraint people_post_of_staff foreign key (staff_id) references people_staff (id),
    constraint people_post_of_org foreign key (org_id) references people_org (id),
    constraint people_post_role check (role in (
        'linked_leader', 'adviser', 'grid_head', 'grid_worker', 'part_time_worker', 'police',
        'doctor', 'volunteer', 'social_worker', 'department_staff', 'acceptor', 'dispatcher',
        'shift_supervisor', 'community_officer', 'street_officer', 'district_officer',
        'data_protection', 'system_admin', 'security_admin', 'audit_admin')),
    constraint people_post_ends_after_it_began check (until_at is null or until_at >= from_at),
    constraint people_post_helpers_expire check (not helper or until_at is not null),
    constraint people_post_some_roles_are_helpers check (
        helper or role not in ('part_time_worker', 'volunteer')),
    -- 三员分立 (GB/T 22239, level 3): nobody holds two of the administrators at one time.
    constraint people_post_one_administrator exclude using gist (
        staff_id with =, role with <>, tstzrange(from_at, until_at) with &&)
        where (role in ('system_admin', 'security_admin', 'audit_admin'))
);
create index people_post_staff on people_post (staff_id);
create index people_post_area on people_post (area_code, role);
create index people_post_expiring on people_post (until_at) where until_at is not null and not over;

-- What a team is made of, as data: positions is [{"position", "role", "count"}].
create table people_template (
    code      text  not null,
    name      text  not null,
    kind      text  not null,
    positions jsonb not null,
    constraint people_template_pk primary key (code)
);
insert into people_template (code, name, kind, positions) values
    ('self_governing', '微网格自治队', 'self_governing', '[
        {"position": "微网格长", "role": "grid_worker", "count": 1},
        {"position": "应急队员", "role": "part_time_worker", "count": 2},
        {"position": "志愿者", "role": "volunteer", "count": 2},
        {"position": "民警", "role": "police", "count": 1}]'),
    ('sweep', '扫楼组', 'sweep', '[
        {"position": "组长", "role": "grid_worker", "count": 1},
        {"position": "组员", "role": "part_time_worker", "count": 2}]'),
    ('testing', '核酸检测组', 'testing', '[
        {"position": "采样人员", "role": "doctor", "count": 1},
        {"position": "扫码登记", "role": "volunteer", "count": 1},
        {"position": "秩序维护", "role": "part_time_worker", "count": 1}]'),
    ('mobile', '机动组', 'mobile', '[
        {"position": "组长", "role": "grid_worker", "count": 1},
        {"position": "组员", "role": "part_time_worker", "count": 3}]'),
    ('delivery', '物资配送组', 'delivery', '[
        {"position": "组长", "role": "grid_worker", "count": 1},
        {"position": "配送员", "role": "volunteer", "count": 4}]');

create table people_team (
    id        uuid             not null,
    name      text             not null,
    kind      text             not null,
    area_code text collate "C" not null,
    template  text             not null,
    from_at   timestamptz      not null,
    until_at  timestamptz,
    over      boolean          not null default false,
    constraint people_team_pk primary key (id),
    constraint people_team_of_template foreign key (template) references people_template (code)
);
create index people_team_area on people_team (area_code);

create table people_member (
    team_id  uuid not null,
    staff_id uuid not null,
    position text not null,
    constraint people_member_pk primary key (team_id, staff_id),
    constraint people_member_of_team foreign key (team_id) references people_team (id),
    constraint people_member_is_staff foreign key (staff_id) references people_staff (id)
);
create index people_member_staff on people_member (staff_id);

create table people_household (
    id          uuid             not null,
    dwelling_id uuid             not null,
    area_code   text collate "C" not null,
    unit_id     uuid             not null,
    kind        text             not null,
    from_date   date             not null,
    to_date     date,
    constraint people_household_pk primary key (id),
    constraint people_household_in_dwelling foreign key (dwelling_id)
        references places_dwelling (id),
    constraint people_household_in_unit foreign key (unit_id) references places_unit (id),
    constraint people_household_kind check
        (kind in ('family', 'shared', 'collective', 'business', 'other')),
    constraint people_household_ends_after_it_began check
        (to_date is null or to_date >= from_date)
);
create index people_household_area on people_household (area_code, id);
create index people_household_unit on people_household (unit_id);
create index people_household_dwelling on people_household (dwelling_id);

create table people_resident (
    id           uuid             not null,
    household_id uuid             not null,
    area_code    text collate "C" not null,
    unit_id      uuid             not null,
    name         text             not null,
    name_mask    text             not null,
    sex          text             not null,
    birth_year   integer,
    phone_sealed bytea,
    phone_mask   text             not null default '',
    phone_tail   text             not null default '',
    phone_index  bytea,
    id_sealed    bytea,
    id_mask      text             not null default '',
    id_index     bytea,
    relation     text             not null,
    tags         text[]           not null default '{}',
    updated_at   timestamptz      not null,
    version      integer          not null default 1,
    constraint people_resident_pk primary key (id),
    constraint people_resident_in_household foreign key (household_id)
        references people_household (id),
    constraint people_resident_in_unit foreign key (unit_id) references places_unit (id),
    constraint people_resident_sex check (sex in ('male', 'female', 'unknown')),
    constraint people_resident_birth_year check (birth_year between 1880 and 2100)
);
create index people_resident_area on people_resident (area_code, id);
create index people_resident_unit on people_resident (unit_id, id);
create index people_resident_household on people_resident (household_id);
create index people_resident_phone on people_resident (phone_index) where phone_index is not null;
create unique index people_resident_one_id_number on people_resident (id_index)
    where id_index is not null;

-- The second lock. The first is the door in every query; this one holds when a query forgets it.
-- The setting is read once a statement (an uncorrelated sub-select), not once a row.
alter table people_household enable row level security;
alter table people_household force row level security;
create policy people_household_within_reach on people_household using (
    (select current_setting('app.areas', true)) = 'all'
    or exists (
        select 1 from unnest((select string_to_array(current_setting('app.areas', true), ',')))
            as held(prefix)
         where area_code >= held.prefix and area_code < held.prefix || ':'));
alter table people_resident enable row level security;
alter table people_resident force row level security;
create policy people_resident_within_reach on people_resident using (
    (select current_setting('app.areas', true)) = 'all'
    or exists (
        select 1 from unnest((select string_to_array(current_setting('app.areas', true), ',')))
            as held(prefix)
         where area_code >= held.prefix and area_code < held.prefix || ':'));

-- Who looked at a full number, and why. Facts carry only that it happened.
create table people_look (
    id          uuid             not null,
    staff_id    uuid             not null,
    resident_id uuid             not null,
    area_code   text collate "C" not null,
    field       text             not null,
    reason      text             not null,
    at          timestamptz      not null,
    constraint people_look_pk primary key (id),
    constraint people_look_field check (field in ('phone', 'id_number', 'name')),
    constraint people_look_reason check (length(btrim(reason)) >= 4)
);
create index people_look_staff on people_look (staff_id, at);
create index people_look_resident on people_look (resident_id, at);
