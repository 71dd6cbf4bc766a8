-- Offers that the next message to the group will speak of.
create table dispatch_notice (
    task_id uuid        not null,
    at      timestamptz not null,
    constraint dispatch_notice_pk primary key (task_id)
);

-- When somebody last got a text message, so that nobody is buried in them.
create table dispatch_texted (
    staff_id uuid        not null,
    at       timestamptz not null,
    constraint dispatch_texted_pk primary key (staff_id)
);
