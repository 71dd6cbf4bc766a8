"""Looking for pairs in blocks, set-based: nobody is compared with everybody, and no row costs a
query.

Three blocks: the same telephone, the same sound with the same day of birth, and the same door with
the same first character. Within a block names are held against one another by `matching.alike`.
Two right identity numbers that differ are two people, unless name and telephone say one of the
numbers was somebody else's. A pair that somebody has decided is not found again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from wangge.kernel.actors import area_range
from wangge.kernel.database import Tx
from wangge.kernel.moments import new_id
from wangge.matching import alike
from wangge.people.changes import shared_area
from wangge.people.events import PairsFound
from wangge.places import ATLAS

#: A pair that scores less is not worth a person's time.
SCORE_MIN = 0.6
#: Candidates of one block looked at in one round; more than this is a broken register.
CANDIDATES_MAX = 200_000
#: How much each sign says. The name counts by its likeness.
NAME, PHONE, BORN, YEAR, DOOR, OTHER_NUMBER = 0.45, 0.3, 0.3, 0.1, 0.2, -0.35


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two rows of one block, and what agrees."""

    one_id: UUID
    other_id: UUID
    one_area: str
    other_area: str
    one_name: str
    other_name: str
    one_born: date | None
    other_born: date | None
    one_year: int | None
    other_year: int | None
    phone: bool
    door: bool
    numbers: bool


@dataclass(frozen=True, slots=True)
class Scored:
    candidate: Candidate
    score: float
    reasons: tuple[str, ...]


def judged(candidate: Candidate) -> Scored | None:
    """A candidate's score from 0 to 1 with its reasons: `name_` and matching's code, `phone`,
    `born`, `year`, `door`, `other_number`. None for one that cannot be one person."""
    likeness = alike(candidate.one_name, candidate.other_name)
    if likeness.score < 0.7:
        return None
    born, other = candidate.one_born, candidate.other_born
    year, other_year = candidate.one_year, candidate.other_year
    if year and other_year and year != other_year and not candidate.phone:
        return None
    score, reasons = NAME * likeness.score, [f"name_{likeness.reason}"]
    for holds, weight, reason in (
        (candidate.phone, PHONE, "phone"),
        (bool(born and born == other), BORN, "born"),
        (bool(year and year == other_year and not (born and born == other)), YEAR, "year"),
        (candidate.door, DOOR, "door"),
        (candidate.numbers, OTHER_NUMBER, "other_number"),
    ):
        if holds:
            score += weight
            reasons.append(reason)
    return Scored(candidate, min(1.0, score), tuple(reasons)) if score >= SCORE_MIN else None


async def find(tx: Tx, area: str = "", *, since: datetime | None = None) -> int:
    """Look for pairs below an area, of which one row changed after `since` (None looks at all).
    Answers how many new pairs; four statements, whatever there is."""
    low, high = area_range(area)
    values = {
        "low": low,
        "high": high,
        "since": since or datetime(1900, 1, 1, tzinfo=UTC),
        "most": CANDIDATES_MAX,
    }
    candidates: dict[tuple[UUID, UUID], Candidate] = {}
    for block in (
        await _phones(tx, values),
        await _births(tx, values),
        await _doors(tx, values),
    ):
        candidates |= {(c.one_id, c.other_id): c for c in block}
    found = [scored for c in candidates.values() if (scored := judged(c)) is not None]
    new = await _keep(tx, found) if found else 0
    tx.publish(PairsFound(new_id(tx.now), area or (await ATLAS.get(tx)).county, new))
    return new


async def _phones(tx: Tx, values: Mapping[str, object]) -> list[Candidate]:
    """The same telephone: relatives share one, so the names decide."""
    return await tx.many(
        Candidate,
        """
        select a.id as one_id, b.id as other_id, a.area_code as one_area,
               b.area_code as other_area, a.name as one_name, b.name as other_name,
               a.birth_date as one_born, b.birth_date as other_born,
               a.birth_year as one_year, b.birth_year as other_year, true as phone,
               a.household_id = b.household_id or h.dwelling_id = g.dwelling_id as door,
               a.id_index is not null and b.id_index is not null as numbers
          from people_resident a
          join people_resident b on b.phone_index = a.phone_index and b.id > a.id
          join people_household h on h.id = a.household_id
          join people_household g on g.id = b.household_id
         where a.phone_index is not null and a.ended_on is null and b.ended_on is null
           and a.area_code >= :low and a.area_code < :high
           and b.area_code >= :low and b.area_code < :high
           and (a.updated_at > :since or b.updated_at > :since)
           and left(a.name, 1) = left(b.name, 1)
         limit :most
        """,
        **values,
    )


async def _births(tx: Tx, values: Mapping[str, object]) -> list[Candidate]:
    """The same sound and day of birth, where a number is missing."""
    return await tx.many(
        Candidate,
        """
        select a.id as one_id, b.id as other_id, a.area_code as one_area,
               b.area_code as other_area, a.name as one_name, b.name as other_name,
               a.birth_date as one_born, b.birth_date as other_born,
               a.birth_year as one_year, b.birth_year as other_year,
               coalesce(a.phone_index = b.phone_index, false) as phone,
               h.dwelling_id = g.dwelling_id as door, false as numbers
          from people_resident a
          join people_resident b on b.sound = a.sound and b.birth_year = a.birth_year
                                and b.birth_date = a.birth_date and b.id > a.id
          join people_household h on h.id = a.household_id
          join people_household g on g.id = b.household_id
         where a.ended_on is null and b.ended_on is null
           and (a.id_index is null or b.id_index is null)
           and a.area_code >= :low and a.area_code < :high
           and b.area_code >= :low and b.area_code < :high
           and (a.updated_at > :since or b.updated_at > :since)
         limit :most
        """,
        **values,
    )


async def _doors(tx: Tx, values: Mapping[str, object]) -> list[Candidate]:
    """Behind the same door, where a number is missing and the years do not speak against it."""
    return await tx.many(
        Candidate,
        """
        select a.id as one_id, b.id as other_id, a.area_code as one_area,
               b.area_code as other_area, a.name as one_name, b.name as other_name,
               a.birth_date as one_born, b.birth_date as other_born,
               a.birth_year as one_year, b.birth_year as other_year,
               coalesce(a.phone_index = b.phone_index, false) as phone, true as door,
               false as numbers
          from people_household h
          join people_resident a on a.household_id = h.id
          join people_household g on g.dwelling_id = h.dwelling_id
          join people_resident b on b.household_id = g.id and b.id > a.id
         where a.ended_on is null and b.ended_on is null
           and (a.id_index is null or b.id_index is null)
           and left(a.name, 1) = left(b.name, 1)
           and coalesce(a.birth_year = b.birth_year, true)
           and h.area_code >= :low and h.area_code < :high
           and (a.updated_at > :since or b.updated_at > :since)
         limit :most
        """,
        **values,
    )


async def _keep(tx: Tx, found: Sequence[Scored]) -> int:
    return await tx.run(
        """
        insert into people_pair (id, one_id, other_id, area_code, reasons, score, found_at)
        select r.id, r.one_id, r.other_id, r.area_code, string_to_array(r.reasons, ','), r.score,
               :now
          from unnest(:ids::uuid[], :ones::uuid[], :others::uuid[], :areas::text[],
                      :reasons::text[], :scores::float8[])
               r(id, one_id, other_id, area_code, reasons, score)
        on conflict (one_id, other_id) do nothing
        """,
        ids=[new_id(tx.now) for _ in found],
        ones=[f.candidate.one_id for f in found],
        others=[f.candidate.other_id for f in found],
        areas=[shared_area([f.candidate.one_area, f.candidate.other_area]) for f in found],
        reasons=[",".join(f.reasons) for f in found],
        scores=[f.score for f in found],
        now=tx.now,
    )


async def last_run(tx: Tx) -> datetime | None:
    """When the clock looked last."""
    return await tx.maybe(
        datetime, "select at from people_batch where what = 'pairs' order by at desc limit 1"
    )


async def note_run(tx: Tx, pairs: int) -> int:
    """That the clock looked, and what it found; there is nothing to undo."""
    return (
        await tx.run(
            """
        insert into people_batch (id, what, area_code, actor_id, at, purged_at)
        values (:id, 'pairs', '', :actor_id, :now, :now)
        """,
            id=new_id(tx.now),
            actor_id=tx.actor.id,
            now=tx.now,
        )
        + pairs
    )
