-- When a case lost its words, place and photos because its time was over (cases/keeping.py).
alter table cases_case add column deidentified_at timestamptz;
create index cases_case_to_deidentify on cases_case (ended_at)
    where ended_at is not null and deidentified_at is null;

-- The story of a case stays append-only; of its lines only the words may be taken away.
grant update (opinion) on cases_step to current_user;
