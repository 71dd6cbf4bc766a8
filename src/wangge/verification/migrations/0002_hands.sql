-- Everybody who changed anything of a list: none of them signs it.
alter table verification_list add column hands uuid[] not null default '{}';
update verification_list l
   set hands = coalesce((select array_agg(distinct r.by_id) from verification_row r
                          where r.list_id = l.id and r.by_id is not null), '{}');
-- Two areas that become one may hold the same list; bringing has a lock of its own.
drop index verification_list_once;
create index verification_list_same on verification_list (area_code, digest) where gone_at is null;
