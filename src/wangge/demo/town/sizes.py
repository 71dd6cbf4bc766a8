"""How big everything is, decided from the top before anything is built.

The figures of the three scales are those of the field reports the product was modelled on: a
community of 1,443 households, 3,300 people, 6 grids, 19 micro-grids and 94 workers; a street of
17 communities, 51,438 households and 638 micro-grids; a county of a million people and 2,559
full-time grid workers. The small scales are the first part of the larger ones: the community
town is the first community of the street town, id by id, and that is the first street of the
county.
"""

from dataclasses import dataclass
from random import Random
from typing import Literal

from wangge.demo.town import names
from wangge.demo.town.minting import stream

Scale = Literal["community", "street", "county"]
COUNTY_CODE = "990001"


@dataclass(frozen=True, slots=True)
class FirstStreet:
    """The street that must come out exactly, and its first community."""

    communities: int = 17
    households: int = 51_438
    residents: int = 117_600
    micro_grids: int = 638
    community_households: int = 1_443
    community_residents: int = 3_300
    community_grids: int = 6
    community_micro_grids: int = 19
    community_workers: int = 94


@dataclass(frozen=True, slots=True)
class TownSize:
    """Totals of a town. With `first` None every street is drawn by chance."""

    streets: int
    households: int
    residents: int
    full_time: int
    households_per_community: int = 1_800
    households_per_grid: int = 238
    households_per_micro_grid: int = 57
    first: FirstStreet | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.streets <= len(names.STREET_NAMES):
            raise ValueError(f"between 1 and {len(names.STREET_NAMES)} streets")
        if self.households < self.streets * 40:
            raise ValueError("a street needs at least 40 households")
        if not 1.8 <= self.residents / self.households <= 2.9:
            raise ValueError("between 1.8 and 2.9 residents to a household")


COUNTY = TownSize(
    streets=18, households=437_240, residents=1_000_000, full_time=2_559, first=FirstStreet()
)


@dataclass(frozen=True, slots=True)
class CommunityPlan:
    """`index` numbers communities through the county; `workers` None: as many as it takes."""

    code: str
    name: str
    index: int
    households: int
    residents: int
    grids: int
    micro_grids: int
    full_time: int
    workers: int | None


@dataclass(frozen=True, slots=True)
class StreetPlan:
    """`looseness` is land per household against the town's middle."""

    code: str
    name: str
    index: int
    looseness: float
    communities: tuple[CommunityPlan, ...]

    @property
    def households(self) -> int:
        return sum(community.households for community in self.communities)


@dataclass(frozen=True, slots=True)
class TownPlan:
    code: str
    name: str
    streets: tuple[StreetPlan, ...]

    @property
    def communities(self) -> tuple[CommunityPlan, ...]:
        return tuple(community for street in self.streets for community in street.communities)


@dataclass(slots=True)
class _Draft:
    street: int
    households: int
    residents: int
    micro_grids: int
    grids: int
    workers: int | None = None


def share(total: int, weights: list[float], *, least: int = 0) -> list[int]:
    """`total` in whole parts by weight (largest remainder), none below `least`."""
    spare = total - least * len(weights)
    if spare < 0:
        raise ValueError(f"{total} cannot be shared in {len(weights)} parts of {least}")
    whole = sum(weights)
    wanted = [spare * weight / whole for weight in weights]
    parts = [int(want) for want in wanted]
    late = sorted(range(len(parts)), key=lambda n: (parts[n] - wanted[n], n))
    for n in late[: spare - sum(parts)]:
        parts[n] += 1
    return [part + least for part in parts]


def plan_town(size: TownSize, seed: int) -> TownPlan:
    """Codes, names and exact counts for the whole town."""
    rng = stream(seed, COUNTY_CODE, "plan")
    drafts: list[_Draft] = []
    if size.first is not None:
        drafts += _first_street(size.first, size, rng)
    drafts += _other_streets(size, rng)
    hands = _full_time(size, drafts)
    communities = names.community_names(len(drafts), stream(seed, COUNTY_CODE, "names"))
    streets: list[StreetPlan] = []
    done = 0
    for n in range(size.streets):
        code = f"{COUNTY_CODE}{n + 1:03d}"
        mine = [draft for draft in drafts if draft.street == n]
        plans = tuple(
            CommunityPlan(
                code=f"{code}{k + 1:03d}",
                name=communities[done + k],
                index=done + k,
                households=draft.households,
                residents=draft.residents,
                grids=draft.grids,
                micro_grids=draft.micro_grids,
                full_time=hands[done + k],
                workers=draft.workers,
            )
            for k, draft in enumerate(mine)
        )
        done += len(mine)
        looseness = 1.1 if n == 0 else rng.uniform(1.0, 2.0)
        streets.append(StreetPlan(code, names.STREET_NAMES[n], n, looseness, plans))
    return TownPlan(COUNTY_CODE, names.COUNTY, tuple(streets))


def cut_to(plan: TownPlan, scale: Scale) -> TownPlan:
    """The first street, or the first community, of a county."""
    if scale == "county":
        return plan
    street = plan.streets[0]
    kept = street.communities[:1] if scale == "community" else street.communities
    only = StreetPlan(street.code, street.name, street.index, street.looseness, kept)
    return TownPlan(plan.code, plan.name, (only,))


def _first_street(first: FirstStreet, size: TownSize, rng: Random) -> list[_Draft]:
    others = first.communities - 1
    weights = [rng.uniform(0.6, 1.4) for _ in range(others)]
    homes = share(first.households - first.community_households, weights, least=200)
    people = _people(first.residents - first.community_residents, homes, rng)
    micro = share(
        first.micro_grids - first.community_micro_grids, [float(h) for h in homes], least=2
    )
    drafts = [
        _Draft(0, h, p, m, _grids(h, m, size, rng))
        for h, p, m in zip(homes, people, micro, strict=True)
    ]
    return [
        _Draft(
            0,
            first.community_households,
            first.community_residents,
            first.community_micro_grids,
            first.community_grids,
            first.community_workers,
        ),
        *drafts,
    ]


def _other_streets(size: TownSize, rng: Random) -> list[_Draft]:
    first = size.first
    count = size.streets - (first is not None)
    if count == 0:
        return []
    households = size.households - (first.households if first else 0)
    residents = size.residents - (first.residents if first else 0)
    streets = share(households, [rng.uniform(0.6, 1.5) for _ in range(count)], least=20)
    found: list[tuple[int, int]] = []
    for n, total in enumerate(streets, start=size.streets - count):
        near = size.households_per_community * rng.uniform(0.85, 1.2)
        parts = max(1, round(total / near))
        weights = [rng.uniform(0.6, 1.4) for _ in range(parts)]
        found += [(n, homes) for homes in share(total, weights, least=min(20, total // parts))]
    people = _people(residents, [homes for _, homes in found], rng)
    drafts: list[_Draft] = []
    for (n, homes), count_of_people in zip(found, people, strict=True):
        per = size.households_per_micro_grid * rng.uniform(0.93, 1.07)
        micro = max(1, round(homes / per))
        drafts.append(_Draft(n, homes, count_of_people, micro, _grids(homes, micro, size, rng)))
    return drafts


def _people(total: int, homes: list[int], rng: Random) -> list[int]:
    weights = [h * rng.uniform(0.96, 1.04) for h in homes]
    return share(total, weights)


def _grids(homes: int, micro_grids: int, size: TownSize, rng: Random) -> int:
    wanted = round(homes / (size.households_per_grid * rng.uniform(0.9, 1.1)))
    return max(1, min(wanted, micro_grids // 2))


def _full_time(size: TownSize, drafts: list[_Draft]) -> list[int]:
    """At least one full-time worker to a grid; the rest where most households are."""
    grids = [draft.grids for draft in drafts]
    spare = max(0, size.full_time - sum(grids))
    extra = share(spare, [float(draft.households) for draft in drafts])
    return [grid + more for grid, more in zip(grids, extra, strict=True)]
