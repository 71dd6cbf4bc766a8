-- Whose a kind is: '' for the whole district's, or the street that made it for itself.
alter table sweeps_kind add column area_code text collate "C" not null default '';
