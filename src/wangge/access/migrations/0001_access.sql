-- Access: who may come in, and how we know that it is they. Nothing here can be used to come in:
-- passwords are argon2 hashes, tokens and codes SHA-256 of 128 bits of chance or more, second
-- factors sealed with a key that is not in the database.

-- An account belongs to one person of the roster and has that person's id.
create table access_account (
    id                uuid        not null,
    login             text        not null,
    password_hash     text,
    password_set_at   timestamptz,
    demo              boolean     not null default false,
    totp_sealed       bytea,
    totp_confirmed_at timestamptz,
    totp_step         bigint      not null default 0,
    created_at        timestamptz not null,
    closed_at         timestamptz,
    constraint access_account_pk primary key (id),
    constraint access_account_is_staff foreign key (id) references people_staff (id),
    constraint access_account_login unique (login),
    constraint access_account_login_is_plain check (login ~ '^[a-z0-9][a-z0-9._-]{2,39}$'),
    constraint access_account_confirms_what_it_has check
        (totp_confirmed_at is null or totp_sealed is not null)
);

-- One-time codes for the day the phone is lost.
create table access_recovery (
    account_id uuid  not null,
    code_hash  bytea not null,
    constraint access_recovery_pk primary key (account_id, code_hash),
    constraint access_recovery_of_account foreign key (account_id)
        references access_account (id)
);

-- `second`: the password was right and the second factor is awaited. `factor` is the strongest
-- thing that was shown; posts at a desk count only with more than a password.
create table access_session (
    id         uuid        not null,
    token_hash bytea       not null,
    account_id uuid        not null,
    stage      text        not null,
    factor     text        not null,
    surface    text        not null,
    device     text        not null,
    address    text        not null,
    created_at timestamptz not null,
    seen_at    timestamptz not null,
    idle_until timestamptz not null,
    ends_at    timestamptz not null,
    constraint access_session_pk primary key (id),
    constraint access_session_token unique (token_hash),
    constraint access_session_of_account foreign key (account_id)
        references access_account (id),
    constraint access_session_stage check (stage in ('second', 'whole')),
    constraint access_session_factor check (factor in ('password', 'totp', 'recovery', 'demo')),
    constraint access_session_surface check (surface in ('desk', 'field'))
);
create index access_session_account on access_session (account_id);
create index access_session_over on access_session (ends_at);

-- A program's key, for a channel such as the 12345 hotline.
create table access_token (
    id         uuid             not null,
    name       text             not null,
    token_hash bytea            not null,
    acts       text[]           not null,
    area_code  text collate "C" not null,
    channel    text             not null,
    trusted    boolean          not null,
    created_by uuid             not null,
    created_at timestamptz      not null,
    ends_at    timestamptz      not null,
    revoked_at timestamptz,
    constraint access_token_pk primary key (id),
    constraint access_token_hash unique (token_hash),
    constraint access_token_has_a_name check (length(btrim(name)) between 1 and 60),
    constraint access_token_channel check (channel ~ '^[a-z][a-z0-9_]{1,29}$'),
    constraint access_token_may_something check (cardinality(acts) > 0),
    constraint access_token_ends check (ends_at > created_at)
);

-- The code goes by QR or link, the PIN by voice; the PIN's hash needs the code to be tried.
create table access_invitation (
    id          uuid        not null,
    account_id  uuid        not null,
    code_hash   bytea       not null,
    pin_hash    bytea       not null,
    tries_left  integer     not null,
    created_by  uuid        not null,
    created_at  timestamptz not null,
    ends_at     timestamptz not null,
    accepted_at timestamptz,
    constraint access_invitation_pk primary key (id),
    constraint access_invitation_code unique (code_hash),
    constraint access_invitation_of_account foreign key (account_id)
        references access_account (id),
    constraint access_invitation_tries check (tries_left >= 0)
);
create index access_invitation_account on access_invitation (account_id);

-- Failures to sign in, per login and per address, known or not. Keys are hashes.
create table access_try (
    key      bytea       not null,
    failures integer     not null,
    last_at  timestamptz not null,
    until    timestamptz,
    constraint access_try_pk primary key (key)
);
create index access_try_last on access_try (last_at);
