-- Every mark begins with the period of ten days in which its case was reported, and a live case has
-- each of its marks once more among the live ones (cases/marks.py), so that a search reads the index
-- period by period and stops when its page is full. A million cases take some minutes.
drop index cases_search_marks;
update cases_search s
   set marks = array(
           select b.name || ':' || m
             from (select floor(extract(epoch from s.reported_at) / 864000)::int::text as name
                   union all
                   select 'live' from cases_case c
                    where c.id = s.case_id and c.ended_at is null) b
            cross join unnest(s.marks) m);
create index cases_search_marks on cases_search using gin (marks);

-- The queue passes over states that are not asked for without going to the table.
drop index cases_case_live;
create index cases_case_live on cases_case (due_at, id, state) where ended_at is null;
drop index cases_case_live_community;
create index cases_case_live_community on cases_case (community_code, due_at, id, state)
    where ended_at is null;
