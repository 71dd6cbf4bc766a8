-- Labels printed for tubes: which numbers, so that no code comes out of two printings of a round.
-- A label says nothing of anybody; whose sample goes under it is known only when it is used.
create table sweeps_label (
    round_id   uuid        not null,
    first      integer     not null,
    last       integer     not null,
    mode       text        not null,
    by_id      uuid        not null,
    at         timestamptz not null,
    constraint sweeps_label_pk primary key (round_id, first),
    constraint sweeps_label_of_round foreign key (round_id) references sweeps_round (id),
    constraint sweeps_label_mode check (mode in ('single', 'five', 'ten', 'household')),
    constraint sweeps_label_numbers check (first between 1 and last and last <= 99999)
);
