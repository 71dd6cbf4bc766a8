"""The kinds of `places` below: an import makes compounds, buildings, units and doors, and its undo
takes back those that nobody has used since. Their rows carry no version; they are the same while
every column they had is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.people.changes.kinds import Kind, Touched, register_kind, uses
from wangge.people.changes.model import Change
from wangge.places import names


def _as_it_is(vault: Vault, change: Change, now: datetime) -> dict[str, Any]:
    del vault, now
    return dict(change.values)


async def _changed(tx: Tx, vault: Vault, ids: Sequence[UUID], touched: Touched) -> None:
    """Whoever holds the names of estates in memory reads them again."""
    del tx, vault, ids
    touched.bump.add(names.VERSION)


COMPOUND = register_kind(
    Kind(
        "compound",
        10,
        "places_compound",
        ("name", "lon", "lat"),
        {},
        _as_it_is,
        (_changed,),
        versioned=False,
    )
)
uses("compound", "exists (select 1 from places_building b where b.compound_id = t.id)")
uses("compound", "exists (select 1 from places_alias a where a.compound_id = t.id)")

BUILDING = register_kind(
    Kind(
        "building",
        20,
        "places_building",
        ("compound_id", "name", "number", "floors", "lon", "lat", "footprint"),
        {},
        _as_it_is,
        (_changed,),
        versioned=False,
    )
)
uses("building", "exists (select 1 from places_unit u where u.building_id = t.id)")
uses("building", "exists (select 1 from places_alias a where a.building_id = t.id)")

UNIT = register_kind(
    Kind(
        "unit",
        30,
        "places_unit",
        ("building_id", "name", "number", "has_lift"),
        {"has_lift": False},
        _as_it_is,
        (_changed,),
        versioned=False,
    )
)
uses("unit", "exists (select 1 from places_dwelling d where d.unit_id = t.id)")

DWELLING = register_kind(
    Kind(
        "dwelling",
        40,
        "places_dwelling",
        ("unit_id", "floor", "room", "name"),
        {},
        _as_it_is,
        (_changed,),
        versioned=False,
    )
)
