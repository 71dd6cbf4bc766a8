-- Rounds that go to shops, hotels, let homes, vehicles, sites, facilities: a kind with targets
-- 'thing' says of which registers (wangge.registers.kinds) its stops are, and a stop's `what` is
-- the register it stands in ('' for homes). Its id is the entry's. Blocks of kind 'road' are walked
-- along a street or through a village: `floor` of their doors counts down from -1 in walking order.
alter table sweeps_kind add column things text[] not null default '{}';
alter table sweeps_door add column what text not null default '';

create or replace view sweeps_standing as
select d.round_id, d.id, d.block_id, d.area_code, d.household_id, d.dwelling_id, d.floor, d.room,
       d.label, d.people, d.special, d.joined, d.gone, d.prior,
       case when l.door_id is null then r.outcome else l.outcome end as outcome,
       case when l.door_id is null then r.persons::jsonb else l.persons end as persons,
       coalesce(l.needs, r.needs, '{}') as needs,
       coalesce(l.report_id, r.id) as report_id,
       coalesce(l.by_id, r.by_id) as by_id,
       coalesce(l.how, r.how) as how,
       case when l.door_id is null then r.claimed_at else l.claimed_at end as claimed_at,
       case when l.door_id is null then r.clock_off else l.clock_off end as clock_off,
       coalesce(l.at, r.at) as at,
       coalesce(l.version, r.n, 0) as version,
       coalesce(l.tries, case when r.outcome in ('nobody', 'locked') then 1 else 0 end) as tries,
       coalesce(l.flagged, '{}') as flagged,
       coalesce(l.late, false) as late,
       greatest(d.mark, coalesce(l.mark, r.mark, 0)) as mark,
       d.what
  from sweeps_door d
  left join sweeps_line l on l.round_id = d.round_id and l.door_id = d.id
  left join sweeps_report r on r.round_id = d.round_id and r.door_id = d.id and r.n = 1
       and l.door_id is null;

-- Two to begin with: the nine small premises (九小场所) that a grid looks at for fire safety, and
-- let homes with those who live there for a while.
insert into sweeps_kind (code, name, targets, things, outcomes, minutes, needs_response, tubes,
                         questions, raises)
values
    ('premises', '九小场所消防检查', 'thing', '{shop,hotel}',
     '[{"code": "all", "words": "无隐患", "settled": true},
       {"code": "some", "words": "当场整改", "settled": true},
       {"code": "visit", "words": "有隐患待复查", "settled": false},
       {"code": "nobody", "words": "没开门", "settled": false},
       {"code": "refused", "words": "拒绝检查", "settled": false},
       {"code": "vacant", "words": "停业空置", "settled": true},
       {"code": "moved", "words": "已搬走", "settled": true}]',
     10080, false, false,
     '[{"key": "exits", "words": "安全出口和疏散通道畅通吗", "words_en": "Exits and escape routes clear?",
        "kind": "bool", "required": true},
       {"key": "extinguishers", "words": "灭火器", "words_en": "Fire extinguishers", "kind": "choice",
        "required": true, "choices":
         [{"code": "good", "words": "在位有效", "words_en": "there and valid"},
          {"code": "expired", "words": "过期或没压力", "words_en": "expired or empty"},
          {"code": "none", "words": "没有", "words_en": "none"}]},
       {"key": "living", "words": "夜里有人住在店内吗", "words_en": "Does anybody sleep inside?",
        "kind": "bool", "required": true},
       {"key": "gas", "words": "燃气报警器", "words_en": "Gas alarm", "kind": "choice", "choices":
         [{"code": "no_gas", "words": "不用燃气", "words_en": "no gas used"},
          {"code": "works", "words": "能用", "words_en": "works"},
          {"code": "broken", "words": "没装或不响", "words_en": "missing or silent"}]},
       {"key": "charging", "words": "室内给电动车或电池充电吗",
        "words_en": "E-bikes or batteries charged inside?", "kind": "bool"}]',
     '[{"when": "visit", "class": "Y0107", "calm": "Y0107"},
       {"when": "refused", "class": "Y0107", "calm": "Y0107"},
       {"when": "missed", "class": "Y0107", "calm": "Y0107"}]'),
    ('lettings', '出租房走访', 'thing', '{rented}',
     '[{"code": "all", "words": "人房一致", "settled": true},
       {"code": "some", "words": "有变动已核", "settled": true},
       {"code": "visit", "words": "有隐患待复查", "settled": false},
       {"code": "nobody", "words": "没见到人", "settled": false},
       {"code": "refused", "words": "不配合", "settled": false},
       {"code": "vacant", "words": "空着待租", "settled": true},
       {"code": "moved", "words": "不再出租", "settled": true}]',
     10080, false, false,
     '[{"key": "tenants", "words": "现在住几个人", "words_en": "How many live there now?",
        "kind": "number", "required": true,
        "must": ["and", [">=", ["it"], ["v", 0]], ["<=", ["it"], ["v", 200]]],
        "must_words": "0 到 200 人", "must_words_en": "0 to 200"},
       {"key": "partitioned", "words": "有隔断,或阳台、厨房住人吗",
        "words_en": "Partitions, or people in kitchen or balcony?", "kind": "bool", "required": true},
       {"key": "charging", "words": "电动车或电池在屋里充电吗",
        "words_en": "E-bikes or batteries charged inside?", "kind": "bool"},
       {"key": "filed", "words": "租赁备案了吗", "words_en": "Is the lease filed?", "kind": "choice",
        "choices": [{"code": "yes", "words": "已备案", "words_en": "filed"},
                    {"code": "no", "words": "没有", "words_en": "not filed"},
                    {"code": "unknown", "words": "说不清", "words_en": "not known"}]}]',
     '[{"when": "visit", "class": "Z0302", "calm": "Z0302"},
       {"when": "refused", "class": "Z0302", "calm": "Z0302"},
       {"when": "missed", "class": "Z0302", "calm": "Z0302"}]')
-- A district may have made one of its own under such a code; that one stays.
on conflict (code) do nothing;

-- How many doors and people joined a block since its round opened: what lists add to the numbers
-- that were frozen. Counted here, where the block is locked anyway.
alter table sweeps_block
    add column joined        integer not null default 0,
    add column joined_people integer not null default 0;
update sweeps_block b set joined = d.doors, joined_people = d.people
  from (select round_id, block_id, count(*) as doors, sum(cardinality(people)) as people
          from sweeps_door where joined <> 'frozen' group by round_id, block_id) d
 where b.round_id = d.round_id and b.id = d.block_id;
create index sweeps_block_joined on sweeps_block (round_id)
    where joined > 0 or joined_people > 0;

-- Nothing was ever written here: what a certificate's number says is told to the job itself.
alter table sweeps_round drop column fed;
