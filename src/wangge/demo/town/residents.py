"""Who lives behind the doors: invented households whose sizes add up exactly.

Shares are chosen to look like an eastern Chinese city of the 2020s (households of 2.3, one in
five people over sixty); they are an illustration, not statistics about anybody. Tags say what
help somebody may need, never why.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from random import Random
from typing import Literal

from wangge.demo.town import names
from wangge.demo.town.ground import CommunityLand
from wangge.demo.town.minting import IdNumbers, below, ids, phone, pick, stream
from wangge.demo.town.model import (
    Dwelling,
    Household,
    Housing,
    NeedTag,
    Relation,
    Resident,
)

TODAY = date(2026, 1, 1)
"""The day ages are counted to; nobody in town is born later."""

NEED_TAGS: tuple[NeedTag, ...] = (
    "elder_alone",
    "elder_80",
    "reduced_mobility",
    "infant",
    "expecting",
    "medical_lane",
    "hearing_sight",
    "hardship",
)
_SIZES = (30, 34, 20, 10, 4, 2)
Sex = Literal["M", "F"]
Sketch = tuple[Relation, Sex, int]


def settle(land: CommunityLand, housing: Housing, index: int, seed: int) -> Iterator[Household]:
    """The community's households, micro-grid by micro-grid; the other doors stand empty."""
    code = land.area.code
    rng = stream(seed, code, "households")
    mint = ids(stream(seed, code, "ids/household"), shelf=index)
    doors: dict[str, list[Dwelling]] = {}
    for dwelling in housing.dwellings:
        doors.setdefault(dwelling.area_code, []).append(dwelling)
    for grid in land.grids:
        for micro in grid.micro_grids:
            here = doors[micro.area.code]
            for n in sorted(rng.sample(range(len(here)), micro.households)):
                door = here[n]
                kind: Literal["owner", "tenant"] = "tenant" if rng.random() < 0.27 else "owner"
                yield Household(next(mint), door.id, door.area_code, door.unit_id, kind)


def live_in(
    households: Sequence[Household], people: int, code: str, index: int, seed: int
) -> Iterator[Resident]:
    """Exactly `people` residents in these households of the community `code`."""
    rng = stream(seed, code, "residents")
    mint = ids(stream(seed, code, "ids/resident"), shelf=index)
    numbers = IdNumbers(index, stream(seed, code, "id_numbers"))
    for household, size in zip(households, _sizes(len(households), people, rng), strict=True):
        members = _members(size, household.kind == "tenant", rng)
        family = pick(rng, names.SURNAMES)
        other = pick(rng, names.SURNAMES)
        poor = rng.random() < 0.011
        for relation, sex, age in members:
            born = date.fromordinal(
                TODAY.toordinal() - 1 - int(age * 365.2425) - below(rng, 365)
            )
            surname = _surname(relation, sex, family, other, rng)
            yield Resident(
                next(mint),
                household.id,
                household.area_code,
                household.unit_id,
                names.person(rng, surname),
                sex,
                born,
                numbers.mint(born, male=sex == "M"),
                phone(rng) if age >= 12 else None,
                relation,
                _tags(sex, age, size == 1, poor, rng),
            )


def _sizes(count: int, people: int, rng: Random) -> list[int]:
    if not count <= people <= 6 * count:
        raise ValueError(f"{people} people cannot live in {count} households of one to six")
    sizes = rng.choices(range(1, 7), _SIZES, k=count)
    missing = people - sum(sizes)
    step = 1 if missing > 0 else -1
    while missing:
        n = below(rng, count)
        if 1 <= sizes[n] + step <= 6:
            sizes[n] += step
            missing -= step
    return sizes


def _sex(rng: Random) -> Sex:
    return "M" if rng.random() < 0.505 else "F"


def _other(sex: Sex) -> Sex:
    return "F" if sex == "M" else "M"


def _late(start: int, years: int, rng: Random) -> int:
    """An age from `start` on, the first years likelier than the last."""
    return start + min(below(rng, years), below(rng, years))


def _members(size: int, tenant: bool, rng: Random) -> list[Sketch]:
    """Relation, sex and age in whole years of each member, the head first."""
    sex = _sex(rng)
    if size == 1:
        old = rng.random() < (0.08 if tenant else 0.42)
        age = _late(62, 32, rng) if old else 21 + below(rng, 24 if tenant else 41)
        return [("head", "F" if old and rng.random() < 0.3 else sex, age)]
    if tenant and rng.random() < 0.3:
        return [
            ("head" if n == 0 else "flatmate", sex, 20 + below(rng, 19)) for n in range(size)
        ]
    if size == 2:
        draw = rng.random()
        if draw < 0.14:
            age = 30 + below(rng, 23)
            return [
                ("head", sex, age),
                ("child", _sex(rng), age - 23 - below(rng, min(12, age - 22))),
            ]
        age = _late(60, 29, rng) if draw < (0.2 if tenant else 0.5) else 24 + below(rng, 36)
        return [("head", sex, age), ("spouse", _other(sex), max(20, age - 4 + below(rng, 8)))]
    children = {3: 1, 4: 2 if rng.random() < 0.5 else 1, 5: 1 + (rng.random() < 0.4)}.get(
        size, 2
    )
    age = 27 + below(rng, 32)
    members: list[Sketch] = [
        ("head", sex, age),
        ("spouse", _other(sex), max(22, age - 4 + below(rng, 8))),
    ]
    for _ in range(children):
        members.append(("child", _sex(rng), age - 24 - below(rng, min(13, age - 23))))
    parent = _sex(rng)
    for _ in range(size - len(members)):
        members.append(("parent", parent, min(97, age + 22 + below(rng, 10))))
        parent = _other(parent)
    return members


def _surname(relation: Relation, sex: Sex, family: str, other: str, rng: Random) -> str:
    if relation in ("head", "child"):
        return family
    if relation == "spouse":
        return other
    if relation == "flatmate":
        return pick(rng, names.SURNAMES)
    return family if sex == "M" else pick(rng, names.SURNAMES)


def _tags(sex: Sex, age: int, alone: bool, poor: bool, rng: Random) -> tuple[NeedTag, ...]:
    tags: list[NeedTag] = []
    if alone and age >= 65:
        tags.append("elder_alone")
    if age >= 80:
        tags.append("elder_80")
    draw = rng.random()
    if draw < (0.17 if age >= 80 else 0.045 if age >= 65 else 0.006):
        tags.append("reduced_mobility")
    if age < 3:
        tags.append("infant")
    if sex == "F" and 22 <= age <= 41 and draw > 0.975:
        tags.append("expecting")
    if rng.random() < (0.003 if age >= 50 else 0.0006):
        tags.append("medical_lane")
    if rng.random() < (0.05 if age >= 70 else 0.002):
        tags.append("hearing_sight")
    if poor:
        tags.append("hardship")
    return tuple(tags)
