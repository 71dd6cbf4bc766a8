-- How far the clock has got with each class of data that is kept for a time (kernel/retention.py).
create table kernel_keeping (
    class       text        not null,
    next_at     timestamptz not null,
    last_at     timestamptz,
    held_until  timestamptz,
    held_by     uuid,
    held_reason text        not null default '',
    constraint kernel_keeping_pk primary key (class),
    constraint kernel_keeping_a_hold_has_a_reason check
        ((held_until is null) = (held_by is null)
         and (held_until is null or length(btrim(held_reason)) >= 4))
);

-- What was deleted or de-identified, by day, class and community: counts, nothing else.
create table kernel_purged (
    day       date             not null,
    class     text             not null,
    area_code text collate "C" not null,
    items     bigint           not null,
    at        timestamptz      not null,
    constraint kernel_purged_pk primary key (day, class, area_code),
    constraint kernel_purged_is_something check (items > 0)
);

create index kernel_file_expiring on kernel_file (expires_at) where expires_at is not null;
