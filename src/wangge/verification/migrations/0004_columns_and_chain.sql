-- A list whose headings say nothing waits until somebody says what its columns are. Its headings may
-- be somebody's name: till then they lie sealed, as row 0.
alter table verification_list drop constraint verification_list_phase;
alter table verification_list add constraint verification_list_phase
    check (phase in ('columns', 'checking', 'review', 'signed', 'gone'));

-- Who had to do with whom, by the list's own numbers, sealed as a whole for the graph.
alter table verification_list add column chain bytea not null default '';
