-- A declaration (突发事件应对法 2024, Art. 72): matter, level, expected term, measures; and what
-- Art. 83-86 ask for: the data collected, its purpose, and an end.
create table responses_response (
    id              uuid             not null,
    matter          text             not null,
    level           integer          not null,
    area_code       text collate "C" not null,
    starts_at       timestamptz      not null,
    ends_at         timestamptz      not null,
    purpose         text             not null,
    legal_basis     text             not null,
    measures        text             not null,
    document_number text             not null default '',
    data_items      text[]           not null default '{}',
    declared_by     uuid             not null,
    declared_at     timestamptz      not null,
    approver_id     uuid,
    approved_at     timestamptz,
    ended_at        timestamptz,
    ended_by        uuid,
    version         integer          not null default 1,
    constraint responses_response_pk primary key (id),
    constraint responses_response_level check (level between 1 and 4),
    constraint responses_response_ends_after_it_starts check (ends_at > starts_at),
    constraint responses_response_two_people check (approver_id <> declared_by),
    constraint responses_response_approved_by_somebody
        check ((approved_at is null) = (approver_id is null))
);
create index responses_response_live on responses_response (area_code) where ended_at is null;
