-- What was fetched lately, for the officer's day.
create index exports_fetch_time on exports_fetch (at);
