-- A task carries its present offer; offers that were answered, or were not, become rows of
-- tasks_offer, so that who was asked, when and what they said is never lost.
create table tasks_task (
    id          uuid        not null,
    kind        text        not null,
    origin      text        not null,
    origin_id   uuid        not null,
    area_code   text collate "C" not null,
    state       text        not null,
    -- staff:<id>, org:<id>, team:<id> or role:<role>@<area code>
    target      text collate "C",
    holder_id   uuid,
    level       text        not null,
    urgent      boolean     not null,
    tried       text[]      not null default '{}',
    answer_minutes integer  not null,
    offered_at  timestamptz,
    answer_by   timestamptz,
    due_at      timestamptz not null,
    accepted_at timestamptz,
    ended_at    timestamptz,
    created_at  timestamptz not null,
    version     integer     not null default 1,
    constraint tasks_task_pk primary key (id),
    constraint tasks_task_kind check
        (kind in ('handle', 'verify', 'inspect', 'joint', 'call_back')),
    constraint tasks_task_state check
        (state in ('offered', 'stranded', 'accepted', 'doing', 'done', 'cancelled')),
    constraint tasks_task_level check
        (level in ('grid', 'community', 'street', 'county')),
    constraint tasks_task_offer_is_whole check
        ((state = 'offered') <= (target is not null and offered_at is not null
                                 and answer_by is not null)),
    constraint tasks_task_held_by_somebody check
        ((state in ('accepted', 'doing')) <= (holder_id is not null))
);
create index tasks_task_origin on tasks_task (origin_id);
create index tasks_task_target on tasks_task (target, offered_at) where state = 'offered';
create index tasks_task_holder on tasks_task (holder_id, due_at) where state in ('accepted', 'doing');
create index tasks_task_answer on tasks_task (answer_by) where state = 'offered';
create index tasks_task_stranded on tasks_task (created_at) where state = 'stranded';

create table tasks_offer (
    id          uuid        not null,
    task_id     uuid        not null,
    target      text        not null,
    offered_at  timestamptz not null,
    answer_by   timestamptz not null,
    answer      text        not null,
    answered_at timestamptz not null,
    by_id       uuid,
    reason      text        not null default '',
    constraint tasks_offer_pk primary key (id),
    constraint tasks_offer_task foreign key (task_id) references tasks_task (id),
    constraint tasks_offer_answer check
        (answer in ('accepted', 'declined', 'expired', 'withdrawn', 'returned'))
);
create index tasks_offer_by_task on tasks_offer (task_id, offered_at);
