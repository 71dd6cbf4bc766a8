-- A foreign key is looked up row by row: of what an import of a whole street costs the database, a
-- sixth. These four say nothing that is not kept already.

-- The stairwell of a resident is that of their household, and the stairwell of a household is that of
-- its door, which names it by a key of its own. `wangge doctor` looks for any that are not.
alter table people_resident drop constraint people_resident_in_unit;
alter table people_household drop constraint people_household_in_unit;

-- A change is written by a wave that has begun its batch in the same transaction, and batches are
-- never deleted: they are the record of who did what (their images are, `people.changes`).
alter table people_change drop constraint people_change_of_batch;

-- Marks are written in the transaction that reads or makes their resident, and taken away in the one
-- that deletes them (`people.indexing`, `people.keeping`). Marks of nobody find nobody: a search joins
-- the resident. `wangge doctor` counts them.
alter table people_search drop constraint people_search_of_resident;
