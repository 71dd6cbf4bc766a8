"""Which person of the register a row is, or the question that has to be asked.

Conservative: a wrong link sends somebody else's door a visit and leaves the right one without, so
whatever two readings explain is asked. One sign never links; what contradicts is heard first. The
likeness of names only ever confirms what a number, a telephone or a door says.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from wangge.matching.linking.model import Known, Said, Signs, compare

#: Names that are one name written in two ways; names that sound or look so; names with a part or
#: one character other.
_SAME, _LIKE, _NEAR, _PART = 0.98, 0.8, 0.7, 0.5
#: People shown beside one another with a question.
RIVALS_MAX = 4


@dataclass(frozen=True, slots=True)
class Link:
    """What became of one row.

    kind      `right`: this person, and nothing has to be mended; `mended`: this person, and what
              `mends` names (`id`, `name`) is another in the register; `ask`
    why       by what they were found: `id`, `id_slip`, `phone_name`, `door_name`
    question  with `ask`, what is not known: `nobody` (no person like that), `only_name` (a namesake,
              no second sign), `id_differs`, `name_differs`, `birth_differs`, `which` (several),
              `weak` (one likely person, too few signs)
    rivals    with `ask`, whom it may mean, the likeliest first, each with the signs
    differs   what the register says otherwise and no identity hangs on: `phone`, `door`
    """

    kind: str
    target: Known | None = None
    signs: Signs | None = None
    why: str = ""
    mends: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()
    question: str = ""
    rivals: tuple[tuple[Known, Signs], ...] = ()


def decide(said: Said, people: Sequence[Known], *, year: int) -> Link:
    """Who of `people` (everybody with one of the row's keys) a row is."""
    if said.id_key is not None and said.name:
        # As most rows are: one person has its number, and its very name. Nobody is surer.
        same = [one for one in people if one.id_key == said.id_key]
        if len(same) == 1 and same[0].name == said.name:
            return _link(said, same[0], compare(said, same[0], year=year), "id")
    held = [(one, compare(said, one, year=year)) for one in people]
    taken = [(one, signs, why) for one, signs in held if (why := _accepts(said, signs))]
    if len(taken) > 1:
        # The number decides between people who are alike in everything else, as twins are.
        surest = [found for found in taken if found[2] == "id"]
        exact = [found for found in taken if found[1].name.score >= _SAME]
        taken = surest if len(surest) == 1 else (exact if len(exact) == 1 else taken)
    if len(taken) == 1:
        one, signs, why = taken[0]
        if not _somebody_better(one, signs, held):
            return _link(said, one, signs, why)
    return _ask(said, held, [(one, signs) for one, signs, _ in taken])


def family_of(link: Link) -> Hashable | None:
    """The door whose people have to be looked at before a link holds: the row's name is not quite the
    person's, and may be that of somebody they live with. None where the names are one."""
    if link.target is None or link.signs is None or link.signs.name.score >= _SAME:
        return None
    return link.target.door


def _accepts(said: Said, signs: Signs) -> str:
    """By what this person is the row's, or ""."""
    if signs.contradicts:
        return ""
    name = signs.name.score
    if signs.id == "same":
        return "id" if name >= _NEAR or _agrees(said, signs) else ""
    if signs.id == "slip":
        enough = name >= _LIKE or (name >= _PART and signs.others >= 1)
        return "id_slip" if enough else ""
    if signs.phone == "same":
        if name >= _SAME or (name >= _NEAR and signs.others >= 2):
            return "phone_name"
        return ""
    if signs.door == "same":
        enough = name >= _SAME or (name >= _LIKE and signs.birth == "same")
        return "door_name" if enough else ""
    return ""


def _agrees(said: Said, signs: Signs) -> bool:
    """The number is right and the name is not even like: is it this person all the same?"""
    second = signs.phone == "same" or signs.door == "same"
    return second and (not said.name or signs.name.score >= _PART)


def _somebody_better(one: Known, signs: Signs, held: Sequence[tuple[Known, Signs]]) -> bool:
    """Whether the row's name is rather that of somebody with the same telephone or door: the numbers
    of one of a family, the name of another."""
    if signs.name.score >= _SAME:
        return False
    return any(
        other.name.score >= _LIKE and other.name.score > signs.name.score
        for known, other in held
        if known.ref != one.ref
        and (
            "same" in (other.phone, other.door, other.birth)
            or (known.door is not None and known.door == one.door)
        )
    )


def _link(said: Said, known: Known, signs: Signs, why: str) -> Link:
    mends: list[str] = []
    if said.wrong and known.id_key is not None:
        mends.append("id")
    if signs.name.score < _SAME:
        mends.append("name")
    differs = tuple(
        field
        for field, sign in (("phone", signs.phone), ("door", signs.door))
        if sign == "differs"
    )
    return Link("mended" if mends else "right", known, signs, why, tuple(mends), differs)


def _ask(
    said: Said, held: Sequence[tuple[Known, Signs]], taken: Sequence[tuple[Known, Signs]]
) -> Link:
    likely = [(one, signs) for one, signs in held if _worth_a_look(signs)]
    likely.sort(key=lambda found: _weight(found[1]), reverse=True)
    likely = likely[:RIVALS_MAX]
    if len(taken) > 1:
        question = "which"
    elif not likely:
        question = "nobody"
    elif any(s.id in ("same", "slip") for _, s in likely):
        question = "name_differs"
    elif any(s.id == "differs" and s.name.score >= _LIKE for _, s in likely):
        question = "id_differs"
    elif all("differs" in (s.birth, s.sex) for _, s in likely):
        question = "birth_differs"
    elif len(likely) > 1:
        question = "which"
    else:
        question = "only_name" if likely[0][1].others == 0 else "weak"
    return Link("ask", question=question, rivals=tuple(likely))


def _worth_a_look(signs: Signs) -> bool:
    if signs.id in ("same", "slip"):
        return True
    return signs.name.score >= _PART


def _weight(signs: Signs) -> tuple[int, float, int]:
    return ((signs.id == "same") * 2 + (signs.id == "slip"), signs.name.score, signs.others)
