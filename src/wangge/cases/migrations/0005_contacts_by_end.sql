-- Numbers left for a call-back, found by the day their case ended: the round that deletes them reads no
-- other case of a county's million (cases/keeping.py).
create index cases_case_contacts on cases_case (ended_at)
    where contact_mask is not null and ended_at is not null;
