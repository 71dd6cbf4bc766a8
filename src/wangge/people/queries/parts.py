"""Parts of statements that ask for somebody or for a household."""

from typing import LiteralString

#: Whether a row `t` with an area and a stairwell lies within a reach (`Reach.values`).
WITHIN: LiteralString = """
    (exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
              where t.area_code >= r.lo and t.area_code < r.hi)
     or t.unit_id = any (:reach_units::uuid[])
     or t.unit_id in (select u.id from places_unit u
                       where u.building_id = any (:reach_buildings::uuid[])))
"""
#: From a dwelling's id (`…dwelling_id`) up: dwelling `d`, stairwell `u`, building `b`, estate `c`.
_UP: LiteralString = """
      join places_unit u on u.id = d.unit_id
      join places_building b on b.id = u.building_id
      join places_compound c on c.id = b.compound_id
"""
#: The door of a household `t`.
DOOR_OF_T: LiteralString = "      join places_dwelling d on d.id = t.dwelling_id" + _UP
#: The household `h` that a row `t` names, and its door.
HOME_OF_T: LiteralString = (
    """
      join people_household h on h.id = t.household_id
      join places_dwelling d on d.id = h.dwelling_id"""
    + _UP
)
