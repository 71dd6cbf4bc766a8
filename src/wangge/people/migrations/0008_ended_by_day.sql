-- Whoever left, by the day: the nightly round and its page read nobody who lives here (people/keeping.py).
create index people_resident_ended on people_resident (ended_on, id) where ended_on is not null;
create index people_household_ended on people_household (to_date, id) where to_date is not null;
