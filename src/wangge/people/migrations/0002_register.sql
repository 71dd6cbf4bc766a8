-- The register in depth: persons with birth dates and ends, households with tenure, dated
-- residences, needs as rows, the marks a search finds, pairs that may be one person, and the
-- images by which a batch of changes can be undone.

-- The tables below lie behind the second lock; what is migrated here belongs to everybody.
set local app.areas = 'all';

-- `since` is the day somebody came to live here; `ended_on` the day they left the register, and
-- then they live nowhere. `confirmed_on` is the day the whole row was last found to be true,
-- `confirmed` ({"field": "2026-03-18"}) the fields confirmed on another day than that.
-- `sound` is null until it was computed.
alter table people_resident
    add column birth_date   date,
    add column id_kind      text    not null default 'id_card',
    add column hukou        text    not null default 'unknown',
    add column hukou_place  text    not null default '',
    add column workplace    text    not null default '',
    add column since        date,
    add column ended_on     date,
    add column ended_why    text    not null default '',
    add column merged_into  uuid,
    add column sound        text collate "C",
    add column confirmed_on date,
    add column confirmed    jsonb   not null default '{}';
update people_resident t
   set since = h.from_date, confirmed_on = (t.updated_at at time zone 'Asia/Shanghai')::date,
       ended_on = h.to_date, ended_why = case when h.to_date is null then '' else 'moved_away' end
  from people_household h
 where h.id = t.household_id;
alter table people_resident
    alter column since set not null,
    alter column confirmed_on set not null,
    add constraint people_resident_id_kind check (id_kind in
        ('id_card', 'passport', 'hk_macau', 'taiwan', 'foreign_resident', 'none', 'other')),
    add constraint people_resident_hukou check
        (hukou in ('local', 'county', 'province', 'elsewhere', 'abroad', 'unknown')),
    add constraint people_resident_ended_why check ((ended_on is null) = (ended_why = '')
        and ended_why in ('', 'moved_away', 'died', 'merged', 'mistake')),
    add constraint people_resident_merged_says_into check
        ((merged_into is not null) = (ended_why = 'merged')),
    add constraint people_resident_year_is_of_the_date check (
        birth_date is null or birth_year = extract(year from birth_date)),
    add constraint people_resident_merged_into foreign key (merged_into)
        references people_resident (id);
create index people_resident_merged on people_resident (merged_into)
    where merged_into is not null;
-- Who sounds alike and was born in the same year: the blocks in which duplicates are looked for.
create index people_resident_sound on people_resident (sound, birth_year) where sound is not null;

-- A landlord outside of the register is a name and a sealed phone; one inside has a residence
-- of tie `owns`. `label` names a dormitory or a shop. A split or a join leaves its trace.
alter table people_household
    add column tenure               text        not null default 'unknown',
    add column label                text        not null default '',
    add column landlord_name        text        not null default '',
    add column landlord_mask        text        not null default '',
    add column landlord_phone_sealed bytea,
    add column landlord_phone_mask  text        not null default '',
    add column landlord_phone_index bytea,
    add column ended_why            text        not null default '',
    add column split_from           uuid,
    add column joined_into          uuid,
    add column confirmed_on         date,
    add column confirmed            jsonb       not null default '{}',
    add column updated_at           timestamptz,
    add column version              integer     not null default 1;
update people_household
   set confirmed_on = from_date, updated_at = from_date::timestamp at time zone 'Asia/Shanghai',
       ended_why = case when to_date is null then '' else 'moved' end;
alter table people_household
    alter column confirmed_on set not null,
    alter column updated_at set not null,
    add constraint people_household_tenure check
        (tenure in ('owner', 'tenant', 'employer', 'public', 'other', 'unknown')),
    add constraint people_household_ended_why check ((to_date is null) = (ended_why = '')
        and ended_why in ('', 'moved', 'joined', 'empty', 'demolished', 'mistake')),
    add constraint people_household_split_from foreign key (split_from)
        references people_household (id),
    add constraint people_household_joined_into foreign key (joined_into)
        references people_household (id);
create index people_household_split on people_household (split_from)
    where split_from is not null;
create index people_household_joined on people_household (joined_into)
    where joined_into is not null;
create index people_household_landlord on people_household (landlord_phone_index)
    where landlord_phone_index is not null;

-- Where somebody lives today stands in their own row (household_id, since). Here stand where
-- they lived before (tie `lives`, always over) and the other ties to a household: where they
-- are registered (户籍), what they own and let, what they rent without living in it.
create table people_residence (
    id           uuid             not null,
    resident_id  uuid             not null,
    household_id uuid             not null,
    area_code    text collate "C" not null,
    unit_id      uuid             not null,
    tie          text             not null,
    name_mask    text             not null,
    from_date    date             not null,
    to_date      date,
    version      integer          not null default 1,
    updated_at   timestamptz      not null,
    constraint people_residence_pk primary key (id),
    constraint people_residence_of_resident foreign key (resident_id)
        references people_resident (id),
    constraint people_residence_in_household foreign key (household_id)
        references people_household (id),
    constraint people_residence_tie check (tie in ('lives', 'registered', 'owns', 'rents')),
    constraint people_residence_past_lives_only check (tie <> 'lives' or to_date is not null),
    constraint people_residence_ends_after_it_began check
        (to_date is null or to_date >= from_date)
);
create unique index people_residence_one_of_a_kind
    on people_residence (resident_id, household_id, tie) where to_date is null;
create index people_residence_household on people_residence (household_id);

-- What somebody may need, never why: a need is a row with a purpose, a basis and an end.
create table people_tag_kind (
    code    text    not null,
    name    text    not null,
    purpose text    not null,
    basis   text    not null,
    days    integer not null,
    roles   text[]  not null,
    place   integer not null,
    retired boolean not null default false,
    constraint people_tag_kind_pk primary key (code),
    constraint people_tag_kind_has_a_name check (length(btrim(name)) between 1 and 20),
    constraint people_tag_kind_has_a_purpose check (length(btrim(purpose)) between 4 and 200),
    constraint people_tag_kind_basis check (basis in ('consent', 'statutory_duty',
        'public_health_emergency', 'protect_life', 'contract')),
    constraint people_tag_kind_days check (days between 1 and 1830)
);
-- Lawful bases are those of the Personal Information Protection Law, Art. 13; who may see a need
-- is a list of roles, and the administrators are never among them.
insert into people_tag_kind (code, name, purpose, basis, days, roles, place) values
    ('elder_alone', '独居老人', '定期探望,停水停电和极端天气时先上门', 'statutory_duty', 365,
     '{linked_leader,adviser,grid_head,grid_worker,part_time_worker,doctor,social_worker,volunteer,community_officer,street_officer,district_officer}', 10),
    ('elder', '高龄老人', '敬老优待和探望,上门服务排在前面', 'statutory_duty', 730,
     '{linked_leader,adviser,grid_head,grid_worker,part_time_worker,doctor,social_worker,volunteer,community_officer,street_officer,district_officer}', 20),
    ('reduced_mobility', '行动不便', '转移、采样、投票时上门,安排搀扶', 'consent', 365,
     '{grid_head,grid_worker,part_time_worker,doctor,social_worker,community_officer,street_officer,district_officer}', 30),
    ('hearing_sight', '听力视力不便', '通知改用上门、大字或家属转达', 'consent', 730,
     '{grid_head,grid_worker,part_time_worker,doctor,social_worker,community_officer,street_officer}', 40),
    ('infant', '婴幼儿', '封控和断供时优先保障奶粉尿布', 'statutory_duty', 365,
     '{grid_head,grid_worker,doctor,social_worker,community_officer,street_officer}', 50),
    ('expecting', '孕产妇', '出行和就医优先安排车辆', 'consent', 300,
     '{grid_head,grid_worker,doctor,social_worker,community_officer,street_officer}', 60),
    ('medical_lane', '就医绿色通道', '定期外出就医不因管控中断,十五分钟内应答', 'consent', 180,
     '{grid_head,grid_worker,doctor,community_officer,street_officer,district_officer}', 70),
    ('medicine', '需代配药', '出行受限时有人代取药品', 'consent', 180,
     '{grid_head,grid_worker,doctor,social_worker,community_officer,street_officer}', 80),
    ('meal', '需送餐', '安排送餐', 'consent', 180,
     '{grid_head,grid_worker,part_time_worker,volunteer,social_worker,community_officer,street_officer}', 90),
    ('child_alone', '困境儿童', '未成年人保护,定期走访', 'statutory_duty', 180,
     '{grid_head,grid_worker,social_worker,community_officer,street_officer,district_officer}', 100),
    ('hardship', '困难家庭', '救助政策送上门', 'statutory_duty', 365,
     '{grid_head,grid_worker,social_worker,community_officer,street_officer,district_officer}', 110),
    ('no_phone', '不用手机', '通知和登记由人上门或电话家属代办', 'consent', 730,
     '{linked_leader,adviser,grid_head,grid_worker,part_time_worker,doctor,social_worker,volunteer,community_officer,street_officer,district_officer}', 120),
    ('interpreter', '需翻译或方言', '上门时带会说的人', 'consent', 730,
     '{grid_head,grid_worker,part_time_worker,doctor,social_worker,volunteer,community_officer,street_officer}', 130);

create table people_tag (
    id           uuid             not null,
    resident_id  uuid             not null,
    area_code    text collate "C" not null,
    unit_id      uuid             not null,
    kind         text             not null,
    basis        text             not null,
    consent      text             not null default '',
    noted_by     uuid             not null,
    noted_at     timestamptz      not null,
    until_date   date             not null,
    ended_at     timestamptz,
    ended_why    text             not null default '',
    version      integer          not null default 1,
    updated_at   timestamptz      not null,
    constraint people_tag_pk primary key (id),
    constraint people_tag_of_resident foreign key (resident_id) references people_resident (id),
    constraint people_tag_of_kind foreign key (kind) references people_tag_kind (code),
    constraint people_tag_basis check (basis in ('consent', 'statutory_duty',
        'public_health_emergency', 'protect_life', 'contract')),
    -- Consent says how it was given; no other basis has any.
    constraint people_tag_consent check ((basis = 'consent') = (consent <> '')
        and consent in ('', 'spoken', 'written', 'guardian', 'online')),
    constraint people_tag_ended_why check ((ended_at is null) = (ended_why = '')
        and ended_why in ('', 'expired', 'withdrawn', 'no_longer', 'mistake', 'merged', 'gone'))
);
create unique index people_tag_once on people_tag (resident_id, kind) where ended_at is null;
create index people_tag_of_a_kind on people_tag (kind);
create index people_tag_running_out on people_tag (until_date) where ended_at is null;

-- Needs noted before there were rows for them. Words that named an illness are told by what
-- somebody needs because of it; who noted them, and on what basis, was not kept: they end soon,
-- so that somebody asks.
with renamed (was, is_now) as (values
    ('disabled', 'reduced_mobility'), ('pregnant', 'expecting'), ('chronic', 'medicine'),
    ('dialysis', 'medical_lane'), ('low_income', 'hardship'))
update people_resident t
   set tags = (select coalesce(array_agg(distinct k.code order by k.code), '{}')
                 from unnest(t.tags) w(code)
                 left join renamed r on r.was = w.code
                 join people_tag_kind k on k.code = coalesce(r.is_now, w.code))
 where cardinality(t.tags) > 0;
insert into people_tag (id, resident_id, area_code, unit_id, kind, basis, consent, noted_by,
                        noted_at, until_date, updated_at)
select gen_random_uuid(), t.id, t.area_code, t.unit_id, k.code, k.basis,
       case when k.basis = 'consent' then 'spoken' else '' end,
       '00000000-0000-7000-8000-000000000001', t.updated_at,
       greatest((t.updated_at at time zone 'Asia/Shanghai')::date, current_date) + 90,
       t.updated_at
  from people_resident t cross join unnest(t.tags) w(code)
  join people_tag_kind k on k.code = w.code
 where t.ended_on is null;

-- What a search finds a resident by: keyed marks of parts of the name, of the phone's end, of
-- the door and of the needs. Without the district's key they say nothing, so this table needs
-- no second lock, and an index can serve it (row-level security keeps `@>` from any index).
create table people_search (
    resident_id uuid             not null,
    area_code   text collate "C" not null,
    unit_id     uuid             not null,
    marks       bigint[]         not null,
    constraint people_search_pk primary key (resident_id),
    constraint people_search_of_resident foreign key (resident_id)
        references people_resident (id) on delete cascade
);
create index people_search_area on people_search (area_code, resident_id);
create index people_search_unit on people_search (unit_id, resident_id);
create index people_search_marks on people_search using gin (marks);

-- Two rows that may be one person, and what somebody decided. The area is the smallest that
-- holds both; who decides must reach it.
create table people_pair (
    id         uuid             not null,
    one_id     uuid             not null,
    other_id   uuid             not null,
    area_code  text collate "C" not null,
    reasons    text[]           not null,
    score      real             not null,
    found_at   timestamptz      not null,
    state      text             not null default 'open',
    decided_by uuid,
    decided_at timestamptz,
    constraint people_pair_pk primary key (id),
    constraint people_pair_once unique (one_id, other_id),
    constraint people_pair_in_order check (one_id < other_id),
    constraint people_pair_of_one foreign key (one_id)
        references people_resident (id) on delete cascade,
    constraint people_pair_of_other foreign key (other_id)
        references people_resident (id) on delete cascade,
    constraint people_pair_state check (state in ('open', 'same', 'different')),
    constraint people_pair_decided check ((state = 'open') = (decided_at is null))
);
create index people_pair_other on people_pair (other_id);
create index people_pair_open on people_pair (area_code, score desc, id) where state = 'open';

-- A batch is one import, one merge, one bulk act: who, when, how many; never what.
create table people_batch (
    id         uuid             not null,
    what       text             not null,
    area_code  text collate "C" not null,
    actor_id   uuid             not null,
    at         timestamptz      not null,
    counts     jsonb            not null default '{}',
    undone_at  timestamptz,
    undone_by  uuid,
    purged_at  timestamptz,
    constraint people_batch_pk primary key (id)
);
create index people_batch_at on people_batch (at desc, id);
create index people_batch_unpurged on people_batch (at) where purged_at is null;

-- The rows of a batch: what each was before. An inserted row was nothing, an updated one keeps
-- its image; `version` is the row's after this change, so that an undo sees who came later (rows
-- without versions keep what they were after). A batch comes in waves, undone last to first; a
-- row changes once in a wave.
create table people_change (
    batch_id  uuid             not null,
    wave      integer          not null,
    n         integer          not null,
    kind      text             not null,
    row_id    uuid             not null,
    op        text             not null,
    area_code text collate "C" not null,
    version   integer,
    before    jsonb,
    after     jsonb,
    constraint people_change_pk primary key (batch_id, wave, n),
    constraint people_change_of_batch foreign key (batch_id) references people_batch (id),
    constraint people_change_op check (op in ('insert', 'update', 'delete')),
    constraint people_change_before check ((op = 'insert') = (before is null))
);
create index people_change_row on people_change (row_id);

alter table people_residence enable row level security;
alter table people_residence force row level security;
create policy people_residence_within_reach on people_residence using (
    (select current_setting('app.areas', true)) = 'all'
    or exists (
        select 1 from unnest((select string_to_array(current_setting('app.areas', true), ',')))
            as held(prefix)
         where area_code >= held.prefix and area_code < held.prefix || ':'));
alter table people_tag enable row level security;
alter table people_tag force row level security;
create policy people_tag_within_reach on people_tag using (
    (select current_setting('app.areas', true)) = 'all'
    or exists (
        select 1 from unnest((select string_to_array(current_setting('app.areas', true), ',')))
            as held(prefix)
         where area_code >= held.prefix and area_code < held.prefix || ':'));
alter table people_change enable row level security;
alter table people_change force row level security;
create policy people_change_within_reach on people_change using (
    (select current_setting('app.areas', true)) = 'all'
    or exists (
        select 1 from unnest((select string_to_array(current_setting('app.areas', true), ',')))
            as held(prefix)
         where area_code >= held.prefix and area_code < held.prefix || ':'));
