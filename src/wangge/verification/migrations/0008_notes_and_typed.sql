-- What was noticed while a list's file was read (rows that are nobody, a sheet that was chosen): sealed.
alter table verification_list add column notes bytea not null default '';
-- Fields of a row that were typed as somebody said them.
alter table verification_row add column typed text[] not null default '{}';
