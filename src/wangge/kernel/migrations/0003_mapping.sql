-- What a table's headings meant the last time, so that the next one of that kind is read alike.
create table kernel_mapping (
    kind          text        not null,
    headings_hash bytea       not null,
    name          text        not null,
    mapping       jsonb       not null,
    used_at       timestamptz not null,
    constraint kernel_mapping_pk primary key (kind, headings_hash)
);
