-- The ground every room stands on. Tables of this room begin with kernel_.

-- Cached reference data (taxonomy, rules, areas) is reloaded when its number moves.
create table kernel_version (
    name    text   not null,
    version bigint not null,
    constraint kernel_version_pk primary key (name)
);

-- Facts said by transactions that have committed but that the relay has not yet sealed. No index:
-- a writer pays for one heap row. What is visible here is exactly what is not sealed, so the
-- relay can neither skip a slow transaction nor read a fact twice.
create table kernel_outbox (
    n          integer     not null,
    id         uuid        not null,
    kind       text        not null,
    subject_id uuid        not null,
    area_code  text collate "C" not null,
    at         timestamptz not null,
    actor_id   uuid        not null,
    cause      uuid,
    data       text        not null,
    said_at    timestamptz not null default clock_timestamp()
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
        vacuum_truncate = off);

-- The ledger: sealed in commit order, numbered without gaps, chained by SHA-256.
create table kernel_fact (
    seq        bigint      not null,
    id         uuid        not null,
    kind       text        not null,
    subject_id uuid        not null,
    area_code  text collate "C" not null,
    at         timestamptz not null,
    actor_id   uuid        not null,
    cause      uuid,
    data       text        not null,
    hash       bytea       not null,
    constraint kernel_fact_pk primary key (seq)
);
create index kernel_fact_subject on kernel_fact (subject_id, seq);
-- Append-only by privilege as well as by habit; the hash chain is what finds a determined hand.
revoke update, delete, truncate on kernel_fact from current_user;

-- Where the chain ends. One row; the relay holds it while it seals.
create table kernel_chain (
    one_row boolean not null default true,
    seq  bigint  not null,
    hash bytea   not null,
    constraint kernel_chain_pk primary key (one_row),
    constraint kernel_chain_is_one_row check (one_row)
);
insert into kernel_chain (seq, hash) values (0, sha256('wangge'));

-- How far each listener has read.
create table kernel_mark (
    listener text   not null,
    seq      bigint not null,
    constraint kernel_mark_pk primary key (listener)
);

-- Facts that a listener could not digest after several tries; it went on without them.
create table kernel_stuck (
    listener text        not null,
    seq      bigint      not null,
    error    text        not null,
    at       timestamptz not null,
    constraint kernel_stuck_pk primary key (listener, seq)
);

-- What we answered to a deed, so that sending it twice is harmless.
create table kernel_deed (
    id        uuid        not null,
    actor_id  uuid        not null,
    body_hash bytea       not null,
    status    integer     not null,
    answer    jsonb       not null,
    at        timestamptz not null,
    constraint kernel_deed_pk primary key (id)
);
create index kernel_deed_at on kernel_deed (at);

-- Work to do after a commit; deleted when done.
create table kernel_job (
    id       uuid        not null,
    name     text        not null,
    data     jsonb       not null,
    run_at   timestamptz not null,
    tries    integer     not null default 0,
    error    text,
    cause    uuid,
    constraint kernel_job_pk primary key (id)
);
create index kernel_job_due on kernel_job (run_at) where tries < 8;

-- A photo or a document; the bytes lie in the data folder under their hash.
create table kernel_file (
    id         uuid        not null,
    sha256     text        not null,
    media      text        not null,
    bytes      integer     not null,
    width      integer,
    height     integer,
    by_id      uuid        not null,
    at         timestamptz not null,
    expires_at timestamptz,
    constraint kernel_file_pk primary key (id)
);
create index kernel_file_hash on kernel_file (sha256);

-- What a district decided differently from the defaults.
create table kernel_setting (
    key   text  not null,
    value jsonb not null,
    constraint kernel_setting_pk primary key (key)
);

-- Long work with its progress: imports, exports, the demo. Anyone may watch, resume or cancel.
create table kernel_work (
    id         uuid        not null,
    kind       text        not null,
    by_id      uuid        not null,
    state      text        not null,
    done       bigint      not null default 0,
    total      bigint      not null default 0,
    data       jsonb       not null,
    started_at timestamptz not null,
    changed_at timestamptz not null,
    constraint kernel_work_pk primary key (id),
    constraint kernel_work_state check
        (state in ('waiting', 'running', 'done', 'cancelled', 'failed'))
);
