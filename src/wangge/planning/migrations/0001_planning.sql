-- Planning: proposals for a community's micro-grids. Nothing in them is applied without a person.

create table planning_proposal (
    id          uuid             not null,
    area_code   text collate "C" not null,  -- the community
    kind        text             not null,
    state       text             not null,
    rules       jsonb            not null,
    seed        integer          not null,
    by_id       uuid             not null,
    at          timestamptz      not null,
    done        integer          not null default 0,   -- tries so far, of so many
    whole       integer          not null default 0,
    stopped     text             not null default '',  -- what ended the search; '' when it was done
    sentences   jsonb            not null default '[]',
    before      jsonb            not null default '{}', -- unit id: area code when it was made
    mean        double precision not null default 0,   -- minutes a micro-grid then
    version     integer          not null default 0,
    decided_by  uuid,
    decided_at  timestamptz,
    reason      text             not null default '',
    applied     jsonb,                                 -- what an undo puts back
    undone_by   uuid,
    undone_at   timestamptz,
    undo_reason text             not null default '',
    constraint planning_proposal_pk primary key (id),
    constraint planning_proposal_kind check (kind in ('repair', 'propose', 'hand')),
    constraint planning_proposal_state check (state in
        ('waiting', 'ready', 'failed', 'dropped', 'accepted', 'undone')),
    constraint planning_proposal_somebody_decides check
        ((state in ('accepted', 'undone')) = (decided_by is not null and applied is not null)),
    constraint planning_proposal_somebody_undoes check
        ((state = 'undone') = (undone_by is not null))
);
create index planning_proposal_area on planning_proposal (area_code, at desc, id desc);

-- Every state it had, made by the solver or by hand. The last one is what is accepted.
create table planning_version (
    proposal_id uuid        not null,
    number      integer     not null,
    at          timestamptz not null,
    by_id       uuid        not null,
    what        text        not null,
    unit_id     uuid,                               -- the stairwell that was moved by hand
    to_code     text collate "C" not null default '',
    division    jsonb       not null,               -- unit id: micro-grid
    constraint planning_version_pk primary key (proposal_id, number),
    constraint planning_version_of_proposal foreign key (proposal_id)
        references planning_proposal (id) on delete cascade,
    constraint planning_version_what check (what in ('made', 'moved', 'back'))
);

-- Who heads a micro-grid and where in it that person lives, where the posts do not say it.
create table planning_head (
    area_code text collate "C" not null,
    staff_id  uuid,                                 -- null: vacant, whatever the posts say
    unit_id   uuid,                                 -- home; null: not known
    by_id     uuid             not null,
    at        timestamptz      not null,
    constraint planning_head_pk primary key (area_code),
    constraint planning_head_is_staff foreign key (staff_id) references people_staff (id),
    constraint planning_head_lives_in_unit foreign key (unit_id) references places_unit (id)
);
create index planning_head_staff on planning_head (staff_id);
create index planning_head_unit on planning_head (unit_id);
