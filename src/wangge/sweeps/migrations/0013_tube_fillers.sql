-- Whose paper a tube was typed from, where it was.
alter table sweeps_tube add column for_id uuid;
