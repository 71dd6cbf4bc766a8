"""What is walked along a street or through a village, and no stairwell.

One list for each street or village of a micro-grid (a block of kind `road`, whose id is made of
both), in the order of the houses. A stop's place in that order is its `floor`: -1 is the first, so
that everything that goes by floors, highest first, goes along the street.
"""

from typing import LiteralString

#: A house with at most so many doors behind its only entrance has no stairwell to walk: it stands in
#: a row with its neighbours.
HOUSE_DOORS = 2

#: The number of a house `b` as it is counted: 2号 before 10号.
NUMBER: LiteralString = "coalesce(substring(b.number from '[0-9]{1,6}')::int, 0)"

#: Doors of such houses in the areas `:lows`, `:highs`, with their road and place in it.
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
       join places_building b on b.id = u.building_id
       join places_compound c on c.id = b.compound_id
       join places_dwelling x on x.unit_id = s.unit_id)
    """
)

#: The road that an entry `t` of the registers lies at, by the words that say where: 人民路 of 人民路北侧.
ROAD: LiteralString = (
    "substring(t.location from '^([^0-9A-Za-z、,;。 ]{1,20}?(路|街|巷|弄|大道))')"
)
