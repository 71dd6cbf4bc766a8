-- A list held against itself in bites. Keys tell which row spoke of somebody first: marks made with the
-- district's key and bound to the list. Pieces keep, sealed, what rows say of contacts until the last
-- step. Both are there only while the list is checked.
create table verification_key (
    list_id  uuid    not null,
    key      bigint  not null,
    number   integer not null,
    numbered boolean not null,
    constraint verification_key_pk primary key (list_id, key),
    constraint verification_key_list foreign key (list_id)
        references verification_list (id) on delete cascade
);
create table verification_piece (
    list_id uuid    not null,
    kind    text    not null,
    number  integer not null,
    sealed  bytea   not null,
    constraint verification_piece_pk primary key (list_id, kind, number),
    constraint verification_piece_kind check (kind in ('heard', 'whole', 'entries')),
    constraint verification_piece_list foreign key (list_id)
        references verification_list (id) on delete cascade
);
alter table verification_key enable row level security;
alter table verification_key force row level security;
create policy verification_key_within_reach on verification_key using (
    (select current_setting('app.areas', true)) = 'all'
    or exists (
        select 1
          from verification_list l,
               unnest((select string_to_array(current_setting('app.areas', true), ','))) as held(prefix)
         where l.id = list_id
           and l.area_code >= held.prefix and l.area_code < held.prefix || ':'));
alter table verification_piece enable row level security;
alter table verification_piece force row level security;
create policy verification_piece_within_reach on verification_piece using (
    (select current_setting('app.areas', true)) = 'all'
    or exists (
        select 1
          from verification_list l,
               unnest((select string_to_array(current_setting('app.areas', true), ','))) as held(prefix)
         where l.id = list_id
           and l.area_code >= held.prefix and l.area_code < held.prefix || ':'));
-- A check under way has kept neither of the rows it has seen: it begins anew.
update kernel_work w set done = 0
  from verification_list l
 where l.id = w.id and l.phase = 'checking';
