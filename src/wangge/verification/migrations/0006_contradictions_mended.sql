-- What somebody corrected when a contradiction was asked about: fields by the row's number.
alter table verification_finding add column mends jsonb not null default '{}';
