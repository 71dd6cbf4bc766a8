-- Whose share it is: of those who knock at every door, or of the home team, who visit single persons on
-- these floors (行动不便, 婴幼儿, 定期就医) and nobody else there.
alter table sweeps_share add column team text not null default 'doors',
    add constraint sweeps_share_team check (team in ('doors', 'home'));
