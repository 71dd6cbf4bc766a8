-- In a testing round somebody is done when a tube holds their sample, or when they are exempt: that
-- a whole household was tested is not said by hand any more. Rounds keep the kind they were opened
-- with, so that those opened before mean what they meant.
set lock_timeout = '5s';

alter table sweeps_kind add column by_tube boolean not null default false;
update sweeps_kind set by_tube = true where tubes;
