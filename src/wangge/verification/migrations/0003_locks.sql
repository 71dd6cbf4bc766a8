-- The second lock: rows of a list only for whoever reaches its area, whatever a statement forgets.
alter table verification_row enable row level security;
alter table verification_row force row level security;
create policy verification_row_within_reach on verification_row using (
    (select current_setting('app.areas', true)) = 'all'
    or exists (
        select 1
          from verification_list l,
               unnest((select string_to_array(current_setting('app.areas', true), ','))) as held(prefix)
         where l.id = list_id
           and l.area_code >= held.prefix and l.area_code < held.prefix || ':'));

-- Rows opened by one person in an hour are counted.
create index verification_look_by on verification_look (staff_id, at);

-- Where in the file the row stands that is the same person's.
alter table verification_row add column same_at integer not null default 0;
update verification_row r set same_at = o.at
  from verification_row o where o.list_id = r.list_id and o.number = r.same_as;
