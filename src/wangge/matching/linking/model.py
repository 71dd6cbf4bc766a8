"""What a row says, what a register knows, and how the two agree, sign by sign.

Numbers stand here as keys: whatever can be compared for being equal. A program on files uses the
numbers themselves, a register its keyed indexes, so that nobody has to open a sealed number to
compare it.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from wangge.matching.names import Likeness, alike

Sign = Literal["same", "slip", "differs", "none"]

#: What a year more or less in an age says nothing about: years are counted in two ways (虚岁), and
#: lists are copied from older ones.
AGE_SLACK = 2


@dataclass(frozen=True, slots=True)
class Said:
    """One row of a list, read.

    id_key   the key of its identity number, when that is right
    slips    the keys of the right numbers one slip of the hand away, when it is not
    wrong    it has an identity number that is not right
    birth    from a right number, from its own column, or from a wrong number's readable day
    sure_birth  the day is not that of a wrong number
    door     the door its address leads to, when that is sure
    """

    name: str
    id_key: Hashable | None = None
    slips: frozenset[Hashable] = frozenset()
    wrong: bool = False
    phones: tuple[Hashable, ...] = ()
    birth: date | None = None
    sure_birth: bool = True
    sex: str = ""
    age: int | None = None
    door: Hashable | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """One person of the register. `ref` is whatever the caller calls them by."""

    ref: Hashable
    name: str
    id_key: Hashable | None = None
    phone: Hashable | None = None
    birth: date | None = None
    birth_year: int | None = None
    sex: str = ""
    door: Hashable | None = None


@dataclass(frozen=True, slots=True)
class Signs:
    """How a row and a person agree. `none` where one of them does not say.

    id     `same`; `slip`: the row's number is one slip of the hand from this person's; `differs`:
           both are right and are two numbers; `none` also for a number nobody can repair
    name   `matching.alike`
    birth  `same`, `differs`
    sex    `same`, `differs`
    """

    id: Sign
    name: Likeness
    phone: Sign
    birth: Sign
    sex: Sign
    door: Sign

    def codes(self) -> dict[str, str]:
        """Each sign by its name, to be kept or shown."""
        return {
            "id": self.id,
            "name": self.name.reason,
            "phone": self.phone,
            "birth": self.birth,
            "sex": self.sex,
            "door": self.door,
        }

    @property
    def contradicts(self) -> bool:
        """Whether they cannot be one person, whatever they are called."""
        return "differs" in (self.id, self.birth, self.sex)

    @property
    def others(self) -> int:
        """Signs beside number and name that agree."""
        return (self.phone == "same") + (self.door == "same") + (self.birth == "same")


def compare(said: Said, known: Known, *, year: int) -> Signs:
    """Hold a row against a person. `year` is the list's, for ages."""
    identity = _id(said, known)
    # A number that is right or mended says birth and sex by itself; a column that says otherwise
    # is the column's slip.
    silent = identity in ("same", "slip")
    return Signs(
        identity,
        _SAME if said.name and said.name == known.name else alike(said.name, known.name),
        _same(known.phone in said.phones) if said.phones and known.phone else "none",
        "none" if silent else _birth(said, known, year),
        "none" if silent or not said.sex or not known.sex else _same(said.sex == known.sex),
        _same(said.door == known.door) if said.door and known.door else "none",
    )


#: Names as they are kept are tidy: equal ones are the same.
_SAME = Likeness(1.0, "same")


def _same(yes: bool) -> Sign:
    return "same" if yes else "differs"


def _id(said: Said, known: Known) -> Sign:
    if known.id_key is None:
        return "none"
    if said.id_key is not None:
        return _same(said.id_key == known.id_key)
    return "slip" if known.id_key in said.slips else "none"


def _birth(said: Said, known: Known, year: int) -> Sign:
    if said.birth is not None:
        if known.birth is not None:
            same = said.birth == known.birth
        elif known.birth_year is not None:
            same = said.birth.year == known.birth_year
            return "none" if same else ("differs" if said.sure_birth else "none")
        else:
            return "none"
        return "same" if same else ("differs" if said.sure_birth else "none")
    born = known.birth.year if known.birth is not None else known.birth_year
    if said.age is None or born is None:
        return "none"
    return "none" if abs(year - born - said.age) <= AGE_SLACK else "differs"
