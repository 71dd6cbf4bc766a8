-- A line changes its state twice while it is registered. No index speaks of the state any more and
-- there is room on every page, so that a change stays where it is and writes no index (HOT).
drop index imports_line_queued;
drop index imports_line_unplaced;
create index imports_line_unplaced on imports_line (import_id, said_mark)
    where verdict = 'unplaced';
alter table imports_line set (fillfactor = 45);
