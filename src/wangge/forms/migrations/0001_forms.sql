-- Forms: the field dictionary as a district has it, requests for tables, the contact ledger, and
-- what must still be asked.

-- What a district changed in the dictionary of the code, and fields of its own (whose values lie in
-- `more` of people_resident and people_household). Nobody collects anything without its purpose,
-- basis and retention (个人信息保护法 Art. 5, 6, 13, 19): a field of one's own must state them all;
-- a declared one keeps those it was declared with.
create table forms_entry (
    id          uuid        not null,
    key         text        not null,
    own         boolean     not null,
    name        text,
    meaning     text,
    also        text[],
    fresh_days  integer,
    source      text,
    kind        text,
    codes       jsonb,
    purpose     text,
    basis       text,
    retention   text,
    sensitivity integer,
    active      boolean     not null default true,
    changed_by  uuid        not null,
    changed_at  timestamptz not null,
    constraint forms_entry_pk primary key (id),
    constraint forms_entry_key_once unique (key),
    constraint forms_entry_key_has_a_subject check (key ~ '^[a-z_]+[.][a-z0-9_]+$' and length(key) <= 80),
    constraint forms_entry_fresh check (fresh_days > 0),
    constraint forms_entry_own_says_why check (not own or (
        length(btrim(name)) > 0 and length(btrim(meaning)) > 0 and length(btrim(purpose)) > 0
        and basis in ('consent', 'contract', 'statutory_duty', 'public_health_emergency',
                      'protect_life')
        and length(btrim(retention)) > 0 and source is not null
        and kind in ('text', 'date', 'number', 'bool', 'code', 'codes')
        and sensitivity between 1 and 4))
);

-- Headings somebody decided about: the next table with the same one needs no decision.
create table forms_heading (
    path       text        not null,
    key        text        not null,  -- '' for: none of ours
    decided_by uuid        not null,
    decided_at timestamptz not null,
    constraint forms_heading_pk primary key (path)
);

-- A unit wants the grass roots to fill something (网格事项准入, domain.md §3.6).
create table forms_request (
    id          uuid             not null,
    token       text             not null,
    title       text             not null,
    asker       text             not null,
    area_code   text collate "C" not null,
    basis       text             not null,
    frequency   text             not null,
    minutes     integer          not null,
    until_date  date,
    subject     text             not null,
    columns     jsonb            not null,
    known       integer          not null,
    new         integer          not null,
    households  integer          not null,
    file_id     uuid,
    state       text             not null,
    filed_by    uuid             not null,
    filed_at    timestamptz      not null,
    decided_by  uuid,
    decided_at  timestamptz,
    reason      text             not null default '',
    merged_into uuid,
    version     integer          not null default 1,
    constraint forms_request_pk primary key (id),
    constraint forms_request_token unique (token),
    constraint forms_request_title check (length(btrim(title)) between 1 and 100),
    constraint forms_request_asker check (length(btrim(asker)) between 1 and 60),
    constraint forms_request_frequency check
        (frequency in ('once', 'daily', 'weekly', 'monthly', 'quarterly', 'yearly')),
    constraint forms_request_minutes check (minutes between 0 and 240),
    constraint forms_request_state check
        (state in ('waiting', 'admitted', 'merged', 'refused', 'withdrawn')),
    constraint forms_request_decided check
        ((state = 'waiting') = (decided_at is null) and (decided_at is null) = (decided_by is null)),
    constraint forms_request_second_person check
        (state not in ('admitted', 'merged') or decided_by <> filed_by),
    constraint forms_request_refused_with_a_reason check
        (state <> 'refused' or length(btrim(reason)) >= 4),
    constraint forms_request_merged_into_something check
        ((state = 'merged') = (merged_into is not null))
);
create index forms_request_open on forms_request (filed_at, id) where state = 'waiting';
create index forms_request_area on forms_request (area_code, filed_at);

-- One tap of a worker: I am asked to fill something nobody admitted.
create table forms_flag (
    id         uuid             not null,
    area_code  text collate "C" not null,
    words      text             not null,
    by_id      uuid             not null,
    at         timestamptz      not null,
    answer     text             not null default '',
    answered_by uuid,
    answered_at timestamptz,
    request_id uuid,
    constraint forms_flag_pk primary key (id),
    constraint forms_flag_of_request foreign key (request_id) references forms_request (id),
    constraint forms_flag_words check (length(words) <= 200),
    constraint forms_flag_answered check ((answered_at is null) = (answered_by is null))
);
create index forms_flag_area on forms_flag (area_code, at);

-- What must be asked goes along with the next sweep or visit.
create table forms_question (
    id         uuid             not null,
    key        text             not null,
    area_code  text collate "C" not null,
    words      text             not null,
    of_whom    text             not null,
    tag        text,
    ways       text[]           not null,
    from_at    timestamptz      not null,
    until_at   timestamptz      not null,
    request_id uuid,
    by_id      uuid             not null,
    closed_at  timestamptz,
    constraint forms_question_pk primary key (id),
    constraint forms_question_of_request foreign key (request_id) references forms_request (id),
    constraint forms_question_words check (length(btrim(words)) between 2 and 100),
    constraint forms_question_of_whom check (of_whom in ('all', 'stale')),
    constraint forms_question_ways check
        (cardinality(ways) > 0 and ways <@ array['sweep', 'visit', 'call']),
    constraint forms_question_ends check (until_at > from_at)
);
create index forms_question_open on forms_question (area_code) where closed_at is null;

-- The contact ledger: who asked this household what, when and by which way, so that nobody asks
-- again (domain.md §11 row 2).
create table forms_contact (
    id           uuid             not null,
    household_id uuid             not null,
    area_code    text collate "C" not null,
    unit_id      uuid             not null,
    keys         text[]           not null,
    way          text             not null,
    result       text             not null,
    office       text             not null,
    by_id        uuid             not null,
    at           timestamptz      not null,
    origin       text             not null,
    origin_id    uuid,
    constraint forms_contact_pk primary key (id),
    constraint forms_contact_of_household foreign key (household_id)
        references people_household (id) on delete cascade,
    constraint forms_contact_way check
        (way in ('sweep', 'visit', 'call', 'message', 'form', 'counter')),
    constraint forms_contact_result check
        (result in ('answered', 'partly', 'nobody', 'refused')),
    constraint forms_contact_office check (length(office) <= 60),
    constraint forms_contact_origin check (origin in ('hand', 'sweep', 'visit', 'case', 'form')),
    constraint forms_contact_origin_once unique (origin_id, household_id)
);
create index forms_contact_household on forms_contact (household_id, at);
create index forms_contact_area on forms_contact (area_code, at);

-- The second lock, as on the tables of residents: these rows say something about somebody's home.
alter table forms_contact enable row level security;
alter table forms_contact force row level security;
create policy forms_contact_within_reach on forms_contact using (
    (select current_setting('app.areas', true)) = 'all'
    or exists (
        select 1 from unnest((select string_to_array(current_setting('app.areas', true), ',')))
            as held(prefix)
         where area_code >= held.prefix and area_code < held.prefix || ':'));
