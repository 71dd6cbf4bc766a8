-- Whose residences these are: every change of residents looks for theirs (their masks are copied there),
-- and the index there was knows only those that go on.
create index people_residence_resident on people_residence (resident_id);
