-- A rented room is its door, so there is one open entry a door; two registrations at the same moment,
-- or two imports, made a second one. The first stays, the others close as entries of the same thing.
set local app.areas = 'all';
update registers_thing t
   set closed_on = greatest(current_date, t.opened_on), closed_why = 'merged',
       version = t.version + 1, updated_at = now()
 where t.kind = 'rented' and t.closed_on is null
   and exists (select 1 from registers_thing o
                where o.dwelling_id = t.dwelling_id and o.kind = 'rented'
                  and o.closed_on is null and o.id < t.id);
create unique index registers_thing_one_letting on registers_thing (dwelling_id)
    where kind = 'rented' and closed_on is null;
