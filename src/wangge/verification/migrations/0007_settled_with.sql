-- A contradiction that fits since another was corrected: which.
alter table verification_finding add column with_number integer not null default 0;
