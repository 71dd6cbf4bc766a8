-- Tables of the other registers come by the same road as those of residents, `kind` says which.
-- `parts` are the areas that an import's area was split into: their offices see it too.
alter table imports_import add column parts text[] collate "C" not null default '{}';

-- What was applied before can still be taken back: an import has the id of its batch. Tables that
-- still waited have to be uploaded again.
insert into kernel_work (id, kind, by_id, state, done, total, data, started_at, changed_at)
select batch_id, 'imports.register', by_id, 'done', rows, rows, '{}', at, at
  from registers_table where batch_id is not null;
insert into imports_import (id, kind, name, encoding, headings, mapping, remembered, area_code,
                            phase, rows, by_id, at, applied_at, undone_at)
select batch_id, kind, name, '', headings, '{"columns": {}}', false, area_code,
       case when state = 'undone' then 'undone' else 'review' end, rows, by_id, at, at,
       case when state = 'undone' then at end
  from registers_table where batch_id is not null;
drop table registers_table;
