-- A declared emergency response, in the words of 突发事件应对法 (2024) Art. 72: the matter, the level,
-- the expected time, the measures. Without a live one nothing that belongs to war opens.
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
    document_number text             not null,
    data_items      text[]           not null,
    declared_by     uuid             not null,
    declared_at     timestamptz      not null,
    approver_id     uuid,
    approved_at     timestamptz,
    renewed_by      uuid,
    renewed_at      timestamptz,
    ended_at        timestamptz,
    ended_by        uuid,
    version         integer          not null default 1,
    constraint responses_response_pk primary key (id),
    constraint responses_response_of_declarer foreign key (declared_by)
        references people_staff (id),
    constraint responses_response_of_approver foreign key (approver_id)
        references people_staff (id),
    constraint responses_response_level check (level between 1 and 4),
    constraint responses_response_says_what_the_law_asks check (
        length(btrim(matter)) > 0 and length(btrim(measures)) > 0
        and length(btrim(purpose)) > 0 and length(btrim(legal_basis)) > 0
        and length(btrim(document_number)) > 0),
    constraint responses_response_second_person check (approver_id <> declared_by),
    constraint responses_response_renewed_by_second_person check (renewed_by <> declared_by),
    constraint responses_response_approved_by_somebody check
        ((approver_id is null) = (approved_at is null)),
    constraint responses_response_renewed_by_somebody check
        ((renewed_by is null) = (renewed_at is null)),
    constraint responses_response_ended_by_somebody check
        ((ended_by is null) = (ended_at is null)),
    constraint responses_response_thirty_days check (
        ends_at > starts_at
        and ends_at <= greatest(starts_at, renewed_at) + interval '30 days')
);
create index responses_response_open on responses_response (ends_at) where ended_at is null;
create index responses_response_area on responses_response (area_code, starts_at);
