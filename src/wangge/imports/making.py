"""Estates, buildings, stairwells and doors that a table makes. Pure."""

from uuid import UUID

from wangge.imports.records import Where
from wangge.people.changes import Change


class Places:
    """Estates, buildings, stairwells and doors that lines of this bite make, each once."""

    def __init__(self, there: frozenset[UUID]) -> None:
        self._there = set(there)
        self.changes: list[Change] = []

    def make(self, where: Where, dwelling_id: UUID, area: str) -> None:
        """The estate, building, stairwell and door of a line, whatever of them is missing."""
        new = where.make
        if new is None:
            return
        unit, building, compound = (
            UUID(new[key]) for key in ("unit_id", "building_id", "compound_id")
        )
        community = area[:12]
        for id_, kind, code, values in (
            (compound, "compound", community, {"name": new["compound"]}),
            (
                building,
                "building",
                area[:15] if len(area) >= 15 else area,
                {
                    "compound_id": compound,
                    "name": _called(new["building"], "幢"),
                    "number": new["building"],
                    "floors": max(1, int(new["floor"])),
                },
            ),
            (
                unit,
                "unit",
                area,
                {
                    "building_id": building,
                    "name": _called(new["unit"], "单元"),
                    "number": new["unit"],
                    "has_lift": False,
                },
            ),
            (
                dwelling_id,
                "dwelling",
                area,
                {
                    "unit_id": unit,
                    "floor": int(new["floor"]),
                    "room": new["room"],
                    "name": where.name,
                },
            ),
        ):
            if id_ not in self._there:
                self._there.add(id_)
                self.changes.append(Change(kind, "insert", id_, code, values))


def _called(text: str, word: str) -> str:
    return f"{text}{word}" if text.isascii() else text
