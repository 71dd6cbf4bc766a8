-- Remembered headings are kept below all rooms that import tables.
insert into kernel_mapping (kind, headings_hash, name, mapping, used_at)
select 'cases.import', headings_hash, name, mapping, used_at from dispatch_mapping;
drop table dispatch_mapping;
