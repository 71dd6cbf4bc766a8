-- A unit may appeal against a mark that counts against it: late handling, or a rework (domain.md §5.2,
-- pre-check → department → leader). One appeal a mark; what each level said is added, never changed.
create table cases_appeal (
    id        uuid        not null,
    case_id   uuid        not null,
    step_id   uuid        not null,
    area_code text        collate "C" not null,
    unit      text        not null,
    what      text        not null,
    reason    text        not null,
    state     text        not null default 'pre_check',
    by_id     uuid        not null,
    at        timestamptz not null,
    due_at    timestamptz,
    ended_at  timestamptz,
    said      jsonb       not null default '[]',
    version   integer     not null default 1,
    constraint cases_appeal_pk primary key (id),
    constraint cases_appeal_case_fk foreign key (case_id) references cases_case (id),
    constraint cases_appeal_step_once unique (step_id),
    constraint cases_appeal_what check (what in ('late', 'rework')),
    constraint cases_appeal_state check
        (state in ('pre_check', 'department', 'leader', 'upheld', 'dismissed', 'withdrawn')),
    constraint cases_appeal_ended check
        ((ended_at is null) = (state in ('pre_check', 'department', 'leader')))
);
create index cases_appeal_of_case on cases_appeal (case_id);
create index cases_appeal_open on cases_appeal (due_at, id) where ended_at is null;

alter table cases_photo drop constraint cases_photo_purpose;
alter table cases_photo add constraint cases_photo_purpose
    check (purpose in ('report', 'verify', 'result', 'inspect', 'appeal'));
