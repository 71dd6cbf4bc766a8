"""The dictionary in memory, and what a district may change in it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from wangge.forms import fields as forms_fields
from wangge.forms.acts import CONFIGURE
from wangge.forms.events import FieldChanged
from wangge.forms.likeness import Matcher, plain
from wangge.forms.model import (
    NAME_MAX,
    OWN_MAX,
    WORDS_MAX,
    Dictionary,
    Entry,
    EntryRow,
    FieldAlreadyHeld,
    OwnField,
    TooManyFields,
    check_own,
    own_key,
)
from wangge.forms.queries import dictionary as queries
from wangge.kernel.cache import Cached
from wangge.kernel.database import Tx
from wangge.kernel.fields import all_fields
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid, NotFound
from wangge.people import fields as people_fields
from wangge.places import ATLAS
from wangge.places import fields as places_fields
from wangge.registers import fields as registers_fields

#: Rooms below declare their fields by being imported; those above are there before the first request.
DECLARED = (places_fields, people_fields, registers_fields, forms_fields)
#: Subjects a heading may mean at all: cases are no part of the register.
_ABOUT = ("resident", "household", "dwelling", "area")


@dataclass(frozen=True, slots=True)
class Words:
    """The dictionary and the decisions of before about headings."""

    dictionary: Dictionary
    remembered: Mapping[str, str]

    def matcher(self, subject: str = "resident") -> Matcher:
        """Compares headings of a table about `subject`."""
        order = (subject, *(one for one in _ABOUT if one != subject))
        return Matcher((e.known for e in self.dictionary.all()), self.remembered, order)


async def _load(tx: Tx) -> Words:
    dictionary = Dictionary(all_fields(), await queries.entries(tx))
    return Words(dictionary, {row.path: row.key for row in await queries.headings(tx)})


#: `(await WORDS.get(tx)).dictionary`; renewed when an entry or a decision changes.
WORDS: Cached[Words] = Cached("forms", _load)


async def dictionary(tx: Tx) -> Dictionary:
    """The fields of this district."""
    return (await WORDS.get(tx)).dictionary


@dataclass(frozen=True, slots=True)
class Change:
    """Other words for a field, or another time it stays fresh; None leaves as it is, an empty
    text or list goes back to the declaration."""

    name: str | None = None
    meaning: str | None = None
    also: tuple[str, ...] | None = None
    fresh_days: int | None = None
    active: bool | None = None


async def _require(tx: Tx) -> str:
    """The whole district's decision: whoever decides reaches it all."""
    county = (await ATLAS.get(tx)).county
    tx.require(CONFIGURE, county)
    return county


async def change_field(tx: Tx, key: str, change: Change) -> Entry:
    """Say a field in the district's own words. What it is for stays as declared.

    Raises Forbidden, NotFound, Invalid.
    """
    county = await _require(tx)
    words = await WORDS.get(tx)
    entry = words.dictionary.find(key)
    if entry is None:
        raise NotFound("这个字段")
    if change.name is not None and len(change.name.strip()) > NAME_MAX:
        raise Invalid.of("name", "字段名应为 1 到 {most} 个字。", most=NAME_MAX)
    if change.meaning is not None and len(change.meaning.strip()) > WORDS_MAX:
        raise Invalid.of("meaning", "含义应在 {most} 个字以内。", most=WORDS_MAX)
    if change.fresh_days is not None and not 1 <= change.fresh_days <= 3650:
        raise Invalid.of("fresh_days", "多少天内算新鲜:应为 1 到 3650 天。")
    if entry.own and change.name is not None and not change.name.strip():
        raise Invalid.of("name", "字段名应为 1 到 {most} 个字。", most=NAME_MAX)
    if not entry.own and change.active is False:
        raise Invalid.of("active", "系统自带的字段不能停用,可以不用它出表。")
    before = next((r for r in await queries.entries(tx) if r.key == key), None)
    row = before or EntryRow(new_id(tx.now), key, entry.own)
    row = replace(
        row,
        name=row.name if change.name is None else change.name.strip() or None,
        meaning=row.meaning if change.meaning is None else change.meaning.strip() or None,
        also=row.also if change.also is None else cleaned(change.also) or None,
        fresh_days=row.fresh_days if change.fresh_days is None else change.fresh_days,
        active=row.active if change.active is None else change.active,
    )
    await queries.save_entry(tx, row)
    await tx.bump("forms")
    tx.publish(FieldChanged(row.id, county, key, entry.own, row.active))
    found = (await dictionary(tx)).find(key)
    assert found is not None
    return found


async def add_field(tx: Tx, field: OwnField) -> Entry:
    """A field of the district's own. Raises Forbidden, TooManyFields, FieldAlreadyHeld, and Invalid
    for one that does not say what it is for, why it may be asked and how long it is kept."""
    county = await _require(tx)
    check_own(field)
    await queries.lock_dictionary(tx)
    await tx.bump("forms")
    known = await dictionary(tx)
    own = [entry for entry in known.all(active=False) if entry.own]
    if sum(entry.active for entry in own) >= OWN_MAX:
        raise TooManyFields(OWN_MAX)
    _refuse_a_second(known, field)
    taken = [int(m[1]) for e in own if (m := re.search(r"own_(\d+)$", e.key))]
    key = own_key(field.subject, max(taken, default=0) + 1)
    codes = {str(n): text.strip() for n, text in enumerate(field.options, 1)}
    row = EntryRow(
        new_id(tx.now),
        key,
        True,
        field.name.strip(),
        field.meaning.strip(),
        cleaned(field.also),
        field.fresh_days,
        "asked",
        field.kind,
        codes or None,
        field.purpose.strip(),
        field.basis,
        field.retention,
        field.sensitivity,
        True,
    )
    await queries.save_entry(tx, row)
    tx.publish(FieldChanged(row.id, county, key, own=True, active=True))
    found = (await dictionary(tx)).find(key)
    assert found is not None
    return found


def _refuse_a_second(known: Dictionary, field: OwnField) -> None:
    names = {plain(text) for text in (field.name, *field.also) if plain(text)}
    for entry in known.all(field.subject):
        if names & {plain(text) for text in (entry.spec.name, *entry.spec.also)}:
            raise FieldAlreadyHeld(entry.key, entry.spec.name)


def cleaned(texts: Sequence[str]) -> tuple[str, ...]:
    """Other headings: trimmed, once each, at most thirty."""
    found = [" ".join(text.split())[:NAME_MAX] for text in texts]
    return tuple(dict.fromkeys(text for text in found if text))[:30]


async def decide_headings(tx: Tx, decided: Mapping[str, str]) -> int:
    """Remember what headings mean: path (`likeness.path_of`) → key, "" for none of ours. Whoever
    may file a request decides for the district: it is a word, not a permission. Raises Invalid."""
    known = await dictionary(tx)
    for key in set(decided.values()) - {""}:
        if not key.startswith("table."):
            known.spec(key)
    if not decided:
        return 0
    saved = await queries.save_headings(tx, dict(decided))
    await tx.bump("forms")
    return saved
