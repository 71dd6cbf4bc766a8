-- A filter somebody gave a name. No personal data: `query` is the query string of a page's address,
-- and words typed into a search box are not kept in it.
create table command_saved_filter (
    id       uuid not null,
    staff_id uuid not null,
    page     text not null,
    name     text not null,
    query    text not null,
    constraint command_saved_filter_pk primary key (id),
    constraint command_saved_filter_one_name unique (staff_id, page, name),
    constraint command_saved_filter_page check (page in ('cases')),
    constraint command_saved_filter_has_a_name check (length(btrim(name)) between 1 and 20),
    constraint command_saved_filter_is_short check (length(query) <= 500)
);

-- The board counts what was closed today; without this it would read every case that ever was.
create index command_case_ended on cases_case (ended_at, area_code) where ended_at is not null;
