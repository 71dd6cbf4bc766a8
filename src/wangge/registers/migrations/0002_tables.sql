-- A table of a register on its way in: its rows wait sealed until they are applied or forgotten.
-- `mapping` says of each heading which field it is ("" for none).
create table registers_table (
    id         uuid             not null,
    kind       text             not null,
    name       text             not null,
    area_code  text collate "C" not null,
    by_id      uuid             not null,
    at         timestamptz      not null,
    headings   text[]           not null,
    mapping    text[]           not null,
    rows       integer          not null,
    sealed     bytea,
    state      text             not null,
    batch_id   uuid,
    constraint registers_table_pk primary key (id),
    constraint registers_table_state check (state in ('waiting', 'applied', 'undone')),
    constraint registers_table_waits_with_rows check ((sealed is not null) = (state = 'waiting')),
    constraint registers_table_one_word_a_heading check
        (cardinality(headings) = cardinality(mapping))
);
create index registers_table_at on registers_table (at desc, id);
