"""What is walked along a street or through a village, and no stairwell.

One list for each street or village of a micro-grid (a block of kind `road`, whose id is made of
both), in the order of the houses. A stop's place in that order is its `floor`: -1 is the first, so
that everything that goes by floors, highest first, goes along the street.
"""

from typing import Any, LiteralString

from wangge.kernel.database import Tx
from wangge.registers.acts import READ as REGISTERS_READ

#: A house with at most so many doors behind its only entrance has no stairwell to walk: it stands in
#: a row with its neighbours.
HOUSE_DOORS = 2

#: The number of a house `b` as it is counted: 2号 before 10号.
NUMBER: LiteralString = "coalesce(substring(b.number from '[0-9]{1,6}')::int, 0)"

#: Doors of such houses in the areas `:lows`, `:highs`, with their road and place in it, as of
#: `:now`. A house that somebody has a post for is walked by itself, as that post has it.
HOUSES: LiteralString = (
    """
    (select x.id as dwelling_id, c.name as road,
            md5('road/' || b.compound_id || '/' || x.area_code)::uuid as block_id,
            -row_number() over (partition by b.compound_id, x.area_code
                                order by """
    + NUMBER
    + """, b.number, x.floor, x.room, x.id)::int as place,
            case when s.doors = 1 then b.name else b.name || ' ' || x.room end as room
       from (select y.unit_id, count(*) as doors from places_dwelling y
              where exists (select 1 from unnest(:lows::text[], :highs::text[]) s(lo, hi)
                             where y.area_code >= s.lo and y.area_code < s.hi)
              group by y.unit_id having count(*) <= :house_doors::int) s
       join places_unit u on u.id = s.unit_id
            and not exists (select 1 from places_unit o
                             where o.building_id = u.building_id and o.id <> u.id)
            and u.id not in (select unnest(h.unit_ids) from people_post h
                              where not h.over and (h.until_at is null or h.until_at > :now))
            and u.building_id not in (
                select unnest(h.building_ids) from people_post h
                 where not h.over and (h.until_at is null or h.until_at > :now))
       join places_building b on b.id = u.building_id
       join places_compound c on c.id = b.compound_id
       join places_dwelling x on x.unit_id = s.unit_id)
    """
)

#: The road that an entry `t` of the registers lies at, by the words that say where: 人民路 of 人民路北侧.
ROAD: LiteralString = (
    "substring(t.location from '^([^0-9A-Za-z、,;。 ]{1,20}?(路|街|巷|弄|大道))')"
)

#: Whether the reader may see the name of a stop `t`: of homes always; of an entry of the registers whoever
#: reads these there, or was sent there.
NAMED: LiteralString = """
    (t.what = ''
     or exists (select 1 from unnest(:names_from::text[], :names_to::text[]) n(lo, hi)
                 where t.area_code >= n.lo and t.area_code < n.hi)
     or exists (select 1 from sweeps_share h
                 where h.round_id = t.round_id and h.block_id = t.block_id
                   and h.worker_id = :namer::uuid and h.until_at is null))
"""

#: Name and place of a stop for that reader: to others it is the third on its road.
ROOM: LiteralString = "case when " + NAMED + " then t.room else '№ ' || -t.floor end as room"
LABEL: LiteralString = "case when " + NAMED + " then t.label else '№ ' || -t.floor end as label"


def naming(tx: Tx) -> dict[str, Any]:
    """The values of `NAMED` for the reader."""
    reach = tx.reach(REGISTERS_READ).values()
    return {
        "names_from": reach["reach_from"],
        "names_to": reach["reach_to"],
        "namer": tx.actor.id,
    }
