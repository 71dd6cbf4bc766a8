-- The officer's list reads looks of a district newest first, and counts those of the last weeks.
create index people_look_time on people_look (at desc, id desc);
