"""Parts of statements that ask for somebody or for a household."""

from typing import LiteralString


def within(row: LiteralString) -> LiteralString:
    """Whether a row of that name, with an area and a stairwell, lies within a reach: area ranges,
    or single stairwells and buildings (`Reach.values`)."""
    return (
        "(exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) w(lo, hi) where "
        + row
        + ".area_code >= w.lo and "
        + row
        + ".area_code < w.hi) or "
        + row
        + ".unit_id = any (:reach_units::uuid[]) or "
        + row
        + ".unit_id in"
        " (select x.id from places_unit x where x.building_id = any (:reach_buildings::uuid[])))"
    )


#: The same of a row `t`.
WITHIN: LiteralString = within("t")


def seen_of(row: LiteralString) -> LiteralString:
    """The needs of a resident, a row of that name, that the reader (`seers.seer`) may see, as an
    array."""
    return (
        """
    array(select g.code from unnest("""
        + row
        + """.tags) g(code)
            join people_tag_kind k on k.code = g.code
           where exists (select 1
                           from unnest(:seer_roles::text[], :seer_from::text[], :seer_to::text[])
                                as a(role, lo, hi)
                          where (a.role = 'system' or a.role = any (k.roles))
                            and """
        + row
        + ".area_code >= a.lo and "
        + row
        + """.area_code < a.hi)
           order by k.place, k.code)
"""
    )


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
