-- Routing rules are data: the first that matches, in this order, decides who is asked.
create table dispatch_rule (
    id             uuid    not null,
    position       integer not null,
    name           text    not null,
    active         boolean not null default true,
    class_prefix   text collate "C" not null default '',
    area_code      text collate "C" not null default '',
    channel        text,
    mode           text    not null default 'any',
    hours          text    not null default 'any',
    unit_kind      text    not null,
    unit           text    not null default '',
    level          text    not null,
    answer_minutes integer not null,
    note           text    not null default '',
    constraint dispatch_rule_pk primary key (id),
    constraint dispatch_rule_position unique (position) deferrable initially deferred,
    constraint dispatch_rule_mode check (mode in ('any', 'peace', 'war')),
    constraint dispatch_rule_hours check (hours in ('any', 'working', 'off')),
    constraint dispatch_rule_unit check (unit_kind in ('role', 'org', 'team', 'room')),
    constraint dispatch_rule_level check (level in ('grid', 'community', 'street', 'county')),
    constraint dispatch_rule_minutes check (answer_minutes between 1 and 10080)
);
