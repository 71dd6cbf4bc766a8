-- Sweeps: every door of an area looked at by somebody, against a clock, and accounted for.

-- What a round is for, as data. `targets` names where its doors come from (wangge.sweeps.targets).
-- `outcomes` are the buttons, in order: [{"code", "words"}]; the codes are those of
-- wangge.sweeps.model.OUTCOMES, whose meaning every board and certificate shares. `special` are
-- needs whose holders are listed beforehand; with `wanted`, only households with one of those
-- needs are visited at all. `raises` says what becomes a case: [{"when", "class", "calm"}],
-- where `calm` is the class used while no response is declared ("" for none).
create table sweeps_kind (
    code           text    not null,
    name           text    not null,
    targets        text    not null,
    outcomes       jsonb   not null,
    minutes        integer not null,
    needs_response boolean not null,
    tubes          boolean not null,
    special        text[]  not null default '{}',
    wanted         text[]  not null default '{}',
    questions      jsonb   not null default '[]',
    raises         jsonb   not null default '[]',
    closed_at      timestamptz,
    constraint sweeps_kind_pk primary key (code),
    constraint sweeps_kind_code check (code ~ '^[a-z][a-z0-9_]{1,30}$'),
    constraint sweeps_kind_has_a_name check (length(btrim(name)) between 1 and 30),
    constraint sweeps_kind_minutes check (minutes between 5 and 43200),
    constraint sweeps_kind_has_outcomes check (jsonb_array_length(outcomes) between 1 and 12)
);

-- One round. `area_code` is what all of `areas` begin with; `scope` narrows it further. Its doors
-- were frozen when it opened; `pass` counts the times the doors left have been gone round again.
create table sweeps_round (
    id          uuid        not null,
    kind        text        not null,
    title       text        not null,
    area_code   text collate "C"   not null,
    areas       text[] collate "C" not null,
    scope       jsonb       not null default '{}',
    response_id uuid,
    previous_id uuid,
    plan_id     uuid,
    minutes     integer     not null,
    opened_at   timestamptz not null,
    opened_by   uuid        not null,
    ends_at     timestamptz not null,
    pass        integer     not null default 1,
    pass_at     timestamptz not null,
    closed_at   timestamptz,
    closed_by   uuid,
    certified   integer     not null default 0,
    doors       integer     not null default 0,
    people      integer     not null default 0,
    constraint sweeps_round_pk primary key (id),
    constraint sweeps_round_of_kind foreign key (kind) references sweeps_kind (code),
    constraint sweeps_round_of_response foreign key (response_id)
        references responses_response (id),
    constraint sweeps_round_has_a_title check (length(btrim(title)) between 1 and 60),
    constraint sweeps_round_has_areas check (cardinality(areas) between 1 and 200),
    constraint sweeps_round_closed_by_somebody check ((closed_at is null) = (closed_by is null))
);
create index sweeps_round_open on sweeps_round (area_code) where closed_at is null;
create index sweeps_round_opened on sweeps_round (opened_at, id);
create index sweeps_round_of_plan on sweeps_round (plan_id, opened_at) where plan_id is not null;

-- What one person walks in one go, usually a stairwell, with its counts. The counts are kept by the
-- transaction that takes a report in, so that a board is a sum over these rows and never a
-- recount. The row is also the lock of its doors: whoever changes one of them holds it.
create table sweeps_block (
    round_id  uuid    not null,
    id        uuid    not null,
    area_code text collate "C" not null,
    kind      text    not null,
    label     text    not null,
    total     integer not null,
    people    integer not null,
    n_all     integer not null default 0,
    n_some    integer not null default 0,
    n_nobody  integer not null default 0,
    n_locked  integer not null default 0,
    n_vacant  integer not null default 0,
    n_away    integer not null default 0,
    n_refused integer not null default 0,
    n_visit   integer not null default 0,
    n_exempt  integer not null default 0,
    n_moved   integer not null default 0,
    flagged   integer not null default 0,
    late      integer not null default 0,
    p_done    integer not null default 0,
    p_exempt  integer not null default 0,
    version   bigint  not null default 0,
    first_at  timestamptz,
    last_at   timestamptz,
    -- Doors a second, fading with the last minutes (model.PACE_SECONDS), as of `last_at`.
    rate      double precision not null default 0,
    wave      integer,
    called_at timestamptz,
    constraint sweeps_block_pk primary key (round_id, id),
    constraint sweeps_block_of_round foreign key (round_id) references sweeps_round (id),
    constraint sweeps_block_counts_its_doors check (
        least(n_all, n_some, n_nobody, n_locked, n_vacant, n_away, n_refused, n_visit, n_exempt,
              n_moved, flagged, late, p_done, p_exempt) >= 0
        and n_all + n_some + n_nobody + n_locked + n_vacant + n_away + n_refused + n_visit
            + n_exempt + n_moved <= total
        and flagged <= total and late <= total and p_done + p_exempt <= people)
) with (fillfactor = 60);
create index sweeps_block_area on sweeps_block (round_id, area_code);

-- The roster as it was when the round opened, and who came since. `id` is the household where
-- somebody lives behind the door, else the dwelling or the register's entry. `people` are the
-- residents listed, `special` those of them with a need that the kind looks for. Nothing in it
-- changes when a report comes, and a million rows are frozen by one statement: no foreign keys.
create table sweeps_door (
    round_id     uuid    not null,
    id           uuid    not null,
    block_id     uuid    not null,
    area_code    text collate "C" not null,
    household_id uuid,
    dwelling_id  uuid,
    floor        integer not null,
    room         text    not null,
    label        text    not null,
    people       uuid[]  not null default '{}',
    special      uuid[]  not null default '{}',
    joined       text    not null default 'frozen',
    gone         boolean not null default false,
    prior        text,
    mark         bigint  not null default 0,
    constraint sweeps_door_pk primary key (round_id, id),
    constraint sweeps_door_joined check (joined in ('frozen', 'moved_in', 'added'))
);
create index sweeps_door_block on sweeps_door (round_id, block_id);
alter table sweeps_door enable row level security;
alter table sweeps_door force row level security;
create policy sweeps_door_within_reach on sweeps_door using (
    (select current_setting('app.areas', true)) = 'all'
    or exists (
        select 1 from unnest((select string_to_array(current_setting('app.areas', true), ',')))
            as held(prefix)
         where area_code >= held.prefix and area_code < held.prefix || ':'));

-- Every report of every door, as it came, for ever appended. `id` was minted on the phone. `n` is
-- the order of arrival at this door; `base` is how many the phone had seen, `after` its own report
-- before this one: what the reporter knew is told by these and by no clock. Codes and ids only;
-- what was said in words is in sweeps_said.
create table sweeps_report (
    round_id   uuid        not null,
    door_id    uuid        not null,
    id         uuid        not null,
    n          integer     not null,
    base       integer     not null,
    after      uuid,
    undoes     uuid,
    decides    boolean     not null,
    pass       integer     not null,
    by_id      uuid        not null,
    for_id     uuid,
    outcome    text,
    how        text        not null,
    persons    text,  -- JSON; as text, since COPY in binary has no other way for it
    needs      text[],
    claimed_at timestamptz,
    clock_off  integer,
    at         timestamptz not null,
    mark       bigint      not null,
    constraint sweeps_report_pk primary key (round_id, door_id, id),
    constraint sweeps_report_how check
        (how in ('door', 'phone', 'neighbour', 'family', 'paper', 'tube', 'desk', 'register'))
);
revoke update on sweeps_report from current_user;

-- The line of a door that was reported more than once: what stands when its reports are judged
-- together (judge.py). A door with one report needs no row here: the report is its line.
create table sweeps_line (
    round_id   uuid        not null,
    door_id    uuid        not null,
    outcome    text,
    persons    jsonb,
    needs      text[]      not null,
    report_id  uuid,
    by_id      uuid        not null,
    how        text        not null,
    claimed_at timestamptz,
    clock_off  integer,
    at         timestamptz not null,
    version    integer     not null,
    tries      integer     not null,
    flagged    text[]      not null,
    late       boolean     not null,
    mark       bigint      not null,
    constraint sweeps_line_pk primary key (round_id, door_id)
) with (fillfactor = 80);
create index sweeps_line_flagged on sweeps_line (round_id) where flagged <> '{}';

-- Answers to questions, and words: where somebody is, since when. Behind the second lock, sealed,
-- and gone with the round's retention. Where a door's reports were judged together, the answers
-- that stand are in the row whose report_id is the door's own id.
create table sweeps_said (
    round_id  uuid    not null,
    door_id   uuid    not null,
    report_id uuid    not null,
    area_code text collate "C" not null,
    answers   jsonb   not null default '{}',
    words     bytea,
    constraint sweeps_said_pk primary key (round_id, door_id, report_id)
);
alter table sweeps_said enable row level security;
alter table sweeps_said force row level security;
create policy sweeps_said_within_reach on sweeps_said using (
    (select current_setting('app.areas', true)) = 'all'
    or exists (
        select 1 from unnest((select string_to_array(current_setting('app.areas', true), ',')))
            as held(prefix)
         where area_code >= held.prefix and area_code < held.prefix || ':'));

-- Who walks which floors of a block, since when and until when. Nothing is overwritten: a worker
-- who was replaced may still send what was done before.
create table sweeps_share (
    id         uuid        not null,
    round_id   uuid        not null,
    block_id   uuid        not null,
    worker_id  uuid        not null,
    floor_from integer     not null,
    floor_to   integer     not null,
    from_at    timestamptz not null,
    until_at   timestamptz,
    given_by   uuid        not null,
    constraint sweeps_share_pk primary key (id),
    constraint sweeps_share_of_block foreign key (round_id, block_id)
        references sweeps_block (round_id, id),
    constraint sweeps_share_of_staff foreign key (worker_id) references people_staff (id),
    constraint sweeps_share_floors check (floor_to >= floor_from)
);
create index sweeps_share_block on sweeps_share (round_id, block_id);
create index sweeps_share_worker on sweeps_share (worker_id, round_id);

-- Tubes and the people whose samples are in them. Never a result.
create table sweeps_tube (
    id         uuid        not null,
    round_id   uuid        not null,
    code       text        not null,
    mode       text        not null,
    area_code  text collate "C" not null,
    by_id      uuid        not null,
    claimed_at timestamptz,
    at         timestamptz not null,
    constraint sweeps_tube_pk primary key (id),
    constraint sweeps_tube_of_round foreign key (round_id) references sweeps_round (id),
    constraint sweeps_tube_mode check (mode in ('single', 'five', 'ten', 'household')),
    constraint sweeps_tube_code check (length(code) between 1 and 40)
);
create index sweeps_tube_code on sweeps_tube (round_id, code);

create table sweeps_sample (
    round_id    uuid    not null,
    tube_id     uuid    not null,
    resident_id uuid    not null,
    door_id     uuid    not null,
    area_code   text collate "C" not null,
    constraint sweeps_sample_pk primary key (round_id, resident_id, tube_id),
    constraint sweeps_sample_in_tube foreign key (tube_id) references sweeps_tube (id)
);
create index sweeps_sample_tube on sweeps_sample (tube_id);
alter table sweeps_sample enable row level security;
alter table sweeps_sample force row level security;
create policy sweeps_sample_within_reach on sweeps_sample using (
    (select current_setting('app.areas', true)) = 'all'
    or exists (
        select 1 from unnest((select string_to_array(current_setting('app.areas', true), ',')))
            as held(prefix)
         where area_code >= held.prefix and area_code < held.prefix || ':'));

-- The account of a round at its close, and again when late reports changed lines since. `account`
-- holds counts and nothing of anybody; its hash is in the fact chain.
create table sweeps_certificate (
    round_id uuid        not null,
    version  integer     not null,
    at       timestamptz not null,
    by_id    uuid        not null,
    account  jsonb       not null,
    sha256   text        not null,
    constraint sweeps_certificate_pk primary key (round_id, version),
    constraint sweeps_certificate_of_round foreign key (round_id) references sweeps_round (id)
);

-- Rounds that come again. Each begins from the one before.
create table sweeps_plan (
    id         uuid        not null,
    kind       text        not null,
    title      text        not null,
    area_code  text collate "C"   not null,
    areas      text[] collate "C" not null,
    scope      jsonb       not null default '{}',
    minutes    integer     not null,
    every_days integer     not null,
    next_at    timestamptz,
    until      date,
    by_id      uuid        not null,
    made_at    timestamptz not null,
    trouble    text        not null default '',
    constraint sweeps_plan_pk primary key (id),
    constraint sweeps_plan_of_kind foreign key (kind) references sweeps_kind (code),
    constraint sweeps_plan_every check (every_days between 1 and 366)
);
create index sweeps_plan_due on sweeps_plan (next_at) where next_at is not null;

-- A door as it stands: the roster's line with what was judged of it, or with its one report.
create view sweeps_standing as
select d.round_id, d.id, d.block_id, d.area_code, d.household_id, d.dwelling_id, d.floor, d.room,
       d.label, d.people, d.special, d.joined, d.gone, d.prior,
       case when l.door_id is null then r.outcome else l.outcome end as outcome,
       case when l.door_id is null then r.persons::jsonb else l.persons end as persons,
       coalesce(l.needs, r.needs, '{}') as needs,
       coalesce(l.report_id, r.id) as report_id,
       coalesce(l.by_id, r.by_id) as by_id,
       coalesce(l.how, r.how) as how,
       case when l.door_id is null then r.claimed_at else l.claimed_at end as claimed_at,
       case when l.door_id is null then r.clock_off else l.clock_off end as clock_off,
       coalesce(l.at, r.at) as at,
       coalesce(l.version, r.n, 0) as version,
       coalesce(l.tries, case when r.outcome in ('nobody', 'locked') then 1 else 0 end) as tries,
       coalesce(l.flagged, '{}') as flagged,
       coalesce(l.late, false) as late,
       greatest(d.mark, coalesce(l.mark, r.mark, 0)) as mark
  from sweeps_door d
  left join sweeps_line l on l.round_id = d.round_id and l.door_id = d.id
  left join sweeps_report r on r.round_id = d.round_id and r.door_id = d.id and r.n = 1
       and l.door_id is null;

-- The kinds every district begins with; more are rows, not code.
insert into sweeps_kind (code, name, targets, outcomes, minutes, needs_response, tubes, special,
                         wanted, questions, raises)
values
    ('check', '摸排清底', 'dwelling',
     '[{"code": "all", "words": "齐", "settled": true},
       {"code": "some", "words": "部分", "settled": false},
       {"code": "nobody", "words": "无人", "settled": false},
       {"code": "vacant", "words": "空置", "settled": true},
       {"code": "refused", "words": "拒", "settled": false},
       {"code": "visit", "words": "需上门", "settled": false},
       {"code": "away", "words": "已外出", "settled": true},
       {"code": "locked", "words": "锁门", "settled": false}]',
     20, false, false, '{disabled,infant,dialysis,pregnant,elder_alone}', '{}', '[]',
     '[{"when": "missed", "class": "X0501", "calm": "Z0301"},
       {"when": "refused", "class": "X0203", "calm": ""},
       {"when": "food", "class": "X0103", "calm": "F0104"},
       {"when": "medicine", "class": "X0102", "calm": "F0103"},
       {"when": "medical", "class": "X0101", "calm": "F0103"},
       {"when": "hardship", "class": "F0101", "calm": "F0101"},
       {"when": "spirits", "class": "X0104", "calm": "F0103"},
       {"when": "repair", "class": "F0106", "calm": "F0106"},
       {"when": "other", "class": "F0107", "calm": "F0107"}]'),
    ('testing', '全员检测', 'household',
     '[{"code": "all", "words": "已检齐", "settled": true},
       {"code": "some", "words": "部分已检", "settled": false},
       {"code": "nobody", "words": "无人", "settled": false},
       {"code": "visit", "words": "需上门采样", "settled": false},
       {"code": "refused", "words": "拒检", "settled": false},
       {"code": "away", "words": "已外出", "settled": true},
       {"code": "exempt", "words": "免检", "settled": true},
       {"code": "vacant", "words": "空置", "settled": true},
       {"code": "locked", "words": "锁门", "settled": false}]',
     1440, true, true, '{disabled,infant,dialysis,pregnant}', '{}', '[]',
     '[{"when": "missed", "class": "X0501", "calm": ""},
       {"when": "refused", "class": "X0203", "calm": ""},
       {"when": "untested", "class": "X0502", "calm": ""},
       {"when": "medical", "class": "X0101", "calm": ""},
       {"when": "medicine", "class": "X0102", "calm": ""},
       {"when": "food", "class": "X0103", "calm": ""}]'),
    ('visit', '三个探望', 'household',
     '[{"code": "all", "words": "已探望", "settled": true},
       {"code": "nobody", "words": "没见到", "settled": false},
       {"code": "visit", "words": "需再上门", "settled": false},
       {"code": "away", "words": "已外出", "settled": true},
       {"code": "refused", "words": "不愿接待", "settled": false},
       {"code": "locked", "words": "锁门", "settled": false}]',
     1440, false, false, '{}',
     '{elder_alone,elder,disabled,low_income,child_alone,dialysis,chronic}',
     '[{"key": "food", "words": "饮食", "kind": "choice", "choices":
         [{"code": "well", "words": "没问题"}, {"code": "short", "words": "有困难", "need": "food"}]},
       {"key": "hardship", "words": "生活困难", "kind": "choice", "choices":
         [{"code": "none", "words": "没有"}, {"code": "some", "words": "有困难", "need": "hardship"}]},
       {"key": "spirits", "words": "精神状态", "kind": "choice", "choices":
         [{"code": "well", "words": "不错"}, {"code": "low", "words": "需要陪伴", "need": "spirits"}]}]',
     '[{"when": "missed", "class": "F0102", "calm": "F0102"},
       {"when": "food", "class": "X0103", "calm": "F0104"},
       {"when": "medicine", "class": "X0102", "calm": "F0103"},
       {"when": "medical", "class": "X0101", "calm": "F0103"},
       {"when": "hardship", "class": "F0101", "calm": "F0101"},
       {"when": "spirits", "class": "X0104", "calm": "F0103"},
       {"when": "repair", "class": "F0106", "calm": "F0106"},
       {"when": "other", "class": "F0107", "calm": "F0107"}]'),
    ('safety', '安全检查', 'dwelling',
     '[{"code": "all", "words": "无隐患", "settled": true},
       {"code": "some", "words": "当场整改", "settled": true},
       {"code": "visit", "words": "有隐患待整改", "settled": false},
       {"code": "nobody", "words": "无人", "settled": false},
       {"code": "locked", "words": "锁门", "settled": false},
       {"code": "refused", "words": "拒绝检查", "settled": false},
       {"code": "vacant", "words": "空置", "settled": true}]',
     10080, false, false, '{}', '{}', '[]',
     '[{"when": "visit", "class": "Y0107", "calm": "Y0107"}]'),
    ('notice', '通知送达', 'household',
     '[{"code": "all", "words": "已送达", "settled": true},
       {"code": "nobody", "words": "无人", "settled": false},
       {"code": "away", "words": "已外出", "settled": true},
       {"code": "refused", "words": "拒收", "settled": false},
       {"code": "vacant", "words": "空置", "settled": true}]',
     1440, false, false, '{}', '{}', '[]', '[]');
