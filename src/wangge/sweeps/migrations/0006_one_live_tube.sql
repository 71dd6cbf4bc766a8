-- A tube's code is used once in a round, unless it was taken back.
drop index if exists sweeps_tube_code;
create unique index if not exists sweeps_tube_one_live on sweeps_tube (round_id, code)
    where withdrawn_at is null;
