"""One row of a house list as a door and the people behind it. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter

import msgspec

from wangge.imports.columns.fields import targets
from wangge.imports.columns.mapping import Mapping as Meaning
from wangge.imports.columns.mapping import Member
from wangge.imports.troubles import Trouble
from wangge.kernel.csv_text import plain
from wangge.kernel.sheets import Row
from wangge.matching import read_date, read_id_number, read_phone
from wangge.matching.names import note_of
from wangge.matching.numbers import phones_in
from wangge.people import words
from wangge.people.pasted import people_in

NAME_MAX, TEXT_MAX = 40, 60
#: Targets that say what a household is, and where its door is.
_of_home = itemgetter(
    *("home_no", "head", "home_kind", "tenure", "label", "landlord_name", "landlord_phone")
)
_of_door = itemgetter("door", "compound", "building", "unit", "floor", "room")
#: What Excel shows where a formula failed.
_ERRORS = frozenset({"#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})
_BARE = re.compile(
    r"^[A-Za-z]?\d{1,6}[A-Za-z]?$|^[A-Za-z甲乙丙丁戊己东西南北]$|^[一二三四五六七八九十]{1,3}$"
)
#: A door that begins with its house: 1-1-901, 三号楼301; it names no estate.
_NUMBERS_FIRST = re.compile(r"^[第#]?\s*(\d|[一二三四五六七八九十]+[幢栋号座#-])")
_PHONE = re.compile(r"\+?\(?\d[\d\s\-()/、,;]{6,}\d")
#: Documents that are no resident identity card, by their shape.
_DOCUMENTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("hk_macau", re.compile(r"[HM]\d{8,10}")),
    ("foreign_resident", re.compile(r"[A-Z]{3}\d{12}")),
    ("passport", re.compile(r"[A-Z]{1,2}\d{6,9}")),
)


class Person(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody as a row names them, in plain; "" and None where it says nothing."""

    part: int
    name: str
    id_number: str = ""
    id_kind: str = "id_card"
    phone: str = ""
    sex: str = ""
    birth: date | None = None
    relation: str = ""
    hukou: str = ""
    hukou_place: str = ""
    workplace: str = ""
    since: date | None = None
    tags: tuple[str, ...] = ()
    troubles: tuple[Trouble, ...] = ()


class Home(msgspec.Struct, frozen=True, omit_defaults=True):
    """The household as a row names it."""

    no: str = ""
    head: str = ""
    kind: str = ""
    tenure: str = ""
    label: str = ""
    landlord_name: str = ""
    landlord_phone: str = ""
    empty: bool = False
    troubles: tuple[Trouble, ...] = ()


class Address(msgspec.Struct, frozen=True, omit_defaults=True):
    """A door as a row writes it: `text` in one line; the parts where columns gave them."""

    text: str = ""
    compound: str = ""
    building: str = ""
    unit: str = ""
    floor: str = ""
    room: str = ""


class ReadRow(msgspec.Struct, frozen=True):
    """A row taken apart. `people` is empty when it names nobody."""

    number: int
    address: Address
    home: Home
    people: tuple[Person, ...]


#: A row that says nothing.
_BLANK: dict[str, str] = dict.fromkeys(targets("people"), "")


@dataclass(slots=True)
class _Cells:
    """The texts of one row by target, and what was noted about them."""

    own: Mapping[str, str]
    troubles: list[Trouble] = field(default_factory=list[Trouble])

    def __call__(self, key: str) -> str:
        return self.own[key]

    def say(self, code: str, key: str = "", **values: object) -> None:
        self.troubles.append(Trouble(code, key, values))


class Reader:
    """Reads rows of one table by one mapping."""

    def __init__(self, meaning: Meaning, headings: Sequence[str], today: date) -> None:
        #: Rows of one household say the same of it and of its door; read once.
        self._homes: dict[tuple[str, ...], Home] = {}
        self._addresses: dict[tuple[str, ...], Address] = {}
        at = {heading: place for place, heading in enumerate(headings)}

        def places(columns: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[int, ...]]:
            return {key: tuple(at[one] for one in wanted) for key, wanted in columns.items()}

        self.headings = tuple(headings)
        self._meaning, self.today = meaning, today
        self._own = places(meaning.columns)
        self._members = [(m, places(m.columns)) for m in meaning.members]

    def read(self, row: Row) -> ReadRow:
        """The row's door, household and people, with everything that is wrong with them."""
        cells = self._cells(row, self._own)
        home = self._home(cells)
        people: list[Person] = []
        if (first := self._person(cells, 0, home)) is not None:
            people.append(first)
        for part, (member, places) in enumerate(self._members, 1):
            beside = self._person(self._cells(row, places), part, home, member)
            if beside is not None:
                people.append(beside)
        for name, relation, number, phone, sex in people_in(cells("members")):
            own = {"name": name, "relation": relation, "id_number": number, "phone": phone}
            beside = self._person(_Cells({**_BLANK, **own, "sex": sex}), len(people) + 50, home)
            if beside is not None:
                people.append(beside)
        if len(people) > 1 and not people[0].relation:
            people[0] = msgspec.structs.replace(people[0], relation="head")
        return ReadRow(row.number, self._address(cells, row.section), home, tuple(people))

    def thing(self, row: Row) -> tuple[dict[str, str], Address, tuple[Trouble, ...]]:
        """A row of another register: what it says by target, where its door is, and what was left
        out."""
        cells = self._cells(row, self._own)
        address = self._address(cells, row.section)
        said = {key: text for key, cell in cells.own.items() if (text := cell.strip())}
        return said, address, tuple(cells.troubles)

    def _cells(self, row: Row, places: Mapping[str, tuple[int, ...]]) -> _Cells:
        own = _BLANK.copy()
        cells = _Cells(own)
        whole = "".join(row.cells)
        odd = "'" in whole or "#" in whole
        for key, columns in places.items():
            if len(columns) == 1 and not odd:
                own[key] = row.cells[columns[0]]
                continue
            texts = [plain(row.cells[place]) for place in columns]
            if any(text.upper() in _ERRORS for text in texts):
                cells.say("cell_error", key)
                texts = [text for text in texts if text.upper() not in _ERRORS]
            joined = "、" if key == "tags" else ""
            filled = [text for text in texts if text]
            own[key] = joined.join(filled) if joined else (filled[0] if filled else "")
        return cells

    # -- people ----------------------------------------------------------------------------

    def _person(
        self, cells: _Cells, part: int, home: Home, member: Member | None = None
    ) -> Person | None:
        name, phone, note = self._named(cells)
        if not name and not any(
            cells(key) for key in ("id_number", "phone", "name_phone", "birth")
        ):
            return None
        if words.narrow(name) in words.NOTHING or name in words.EMPTY_HOME:
            return None
        if not name:
            cells.say("no_name", "name")
        elif len(name) > NAME_MAX:
            cells.say("name_long", "name", most=NAME_MAX)
            name = name[:NAME_MAX]
        number, kind, birth, sex = self._identity(cells)
        return Person(
            part,
            name,
            number,
            kind,
            self._phone(cells, phone),
            sex,
            birth,
            self._relation(cells, name, note, home, member),
            self._code(cells, "hukou", words.HUKOU, "hukou_unknown"),
            cells("hukou_place")[:TEXT_MAX],
            cells("workplace")[:TEXT_MAX],
            self._since(cells),
            self._tags(cells),
            tuple(cells.troubles),
        )

    def _named(self, cells: _Cells) -> tuple[str, str, str]:
        """Name, a phone that stood in the same cell, and what stood behind the name."""
        both = cells("name_phone")
        if both and not cells("name"):
            found = _PHONE.search(both)
            phone = found[0] if found else ""
            name, note = note_of(both.replace(phone, " ").strip(" :-/、,;"))
            return name, phone, note
        name, note = note_of(cells("name"))
        return name, "", note

    def _relation(
        self, cells: _Cells, name: str, note: str, home: Home, member: Member | None
    ) -> str:
        own = self._meaning.values.get("relation", {})
        text = cells("relation")
        code = words.said(words.RELATIONS, text, own) if text else None
        if text and code is None:
            cells.say("relation_unknown", "relation", text=text[:20])
            code = "other"
        behind = words.said(words.RELATIONS, note, own) if note else None
        if note and behind is None:
            cells.say("name_note", "name", text=note[:20])
        if code is None:
            code = behind
        if code is None and home.head and name == home.head:
            code = "head"
        if code is None and member is not None and member.relation != "other":
            code = member.relation
        return code or ("other" if member is not None else "")

    def _identity(self, cells: _Cells) -> tuple[str, str, date | None, str]:
        """Number, kind of document, birth date, sex."""
        text = cells("id_number")
        reading = read_id_number(text, today=self.today)
        number, kind = reading.value or "", "id_card"
        if reading.old15 and number:
            cells.say("old_id", "id_number")
        if reading.problem not in (None, "empty"):
            kind, number = self._other_document(cells, text, str(reading.problem))
        sex = self._code(cells, "sex", words.SEXES, "sex_unknown")
        birth = self._birth(cells)
        if reading.value:
            if birth is not None and birth != reading.birth:
                cells.say("birth_of_id", "birth")
            if sex and sex != reading.sex:
                cells.say("sex_of_id", "sex")
            birth, sex = reading.birth, reading.sex or sex
        return number, kind, birth, sex

    def _other_document(self, cells: _Cells, text: str, problem: str) -> tuple[str, str]:
        plain_text = words.narrow(text).upper()
        for kind, pattern in _DOCUMENTS:
            if pattern.fullmatch(plain_text):
                cells.say("id_kind", "id_number", kind=kind)
                return kind, plain_text
        values = {"length": len(plain_text)} if problem == "length" else {}
        cells.say(f"id_{problem}", "id_number", **values)
        return "id_card", ""

    def _birth(self, cells: _Cells) -> date | None:
        text = cells("birth")
        if not text:
            return None
        reading = read_date(text)
        if reading.problem == "empty":
            return None
        if reading.value is None:
            code = (
                "birth_no_such_day" if reading.problem == "no_such_day" else "birth_unreadable"
            )
            if reading.problem == "no_day":
                return None  # 1990年5月: the number says the day, or nobody does
            cells.say(code, "birth", text=text[:20])
            return None
        if reading.value > self.today:
            cells.say("birth_future", "birth")
            return None
        return reading.value

    def _since(self, cells: _Cells) -> date | None:
        text = cells("since")
        if not text:
            return None
        reading = read_date(text)
        if reading.value is not None or reading.problem in ("empty", "no_day"):
            return reading.value if (reading.value or self.today) <= self.today else None
        cells.say("since_unreadable", "since", text=text[:20])
        return None

    def _phone(self, cells: _Cells, beside: str) -> str:
        text = cells("phone") or beside
        reading = read_phone(text)
        if reading.problem == "several":
            readings = [one for one in phones_in(text) if one.value]
            cells.say("phone_several", "phone", count=len(readings))
            mobiles = [one for one in readings if one.kind == "mobile"] or readings
            return (mobiles[0].value or "") if mobiles else ""
        if reading.problem not in (None, "empty"):
            cells.say("phone_bad", "phone", text=text[:20])
        return reading.value or ""

    def _code(self, cells: _Cells, key: str, known: Mapping[str, str], unknown: str) -> str:
        text = cells(key)
        if not text or words.narrow(text) in words.NOTHING - {"否"}:
            return ""
        code = words.said(known, text, self._meaning.values.get(key, {}))
        if code is None:
            cells.say(unknown, key, text=text[:20])
        return code or ""

    def _tags(self, cells: _Cells) -> tuple[str, ...]:
        text = cells("tags")
        if not text:
            return ()
        found, unknown = words.needs(text, self._meaning.values.get("tags", {}))
        for word in unknown[:5]:
            cells.say("tag_unknown", "tags", text=word[:20])
        return tuple(found)

    # -- the household and its door ---------------------------------------------------------

    def _home(self, cells: _Cells) -> Home:
        said = _of_home(cells.own)
        known = self._homes.get(said)
        if known is None:
            known = self._homes[said] = self._read_home(cells)
        return known

    def _read_home(self, cells: _Cells) -> Home:
        mine = _Cells(cells.own)
        tenure = mine("tenure")
        empty = words.narrow(tenure) in words.EMPTY_HOME
        head, _ = note_of(mine("head"))
        landlord, _ = note_of(mine("landlord_name"))
        phone = read_phone(mine("landlord_phone"))
        if phone.problem not in (None, "empty"):
            mine.say("phone_bad", "landlord_phone", text=mine("landlord_phone")[:20])
        return Home(
            mine("home_no")[:40],
            head,
            self._code(mine, "home_kind", words.HOME_KINDS, "kind_unknown"),
            "" if empty else self._code(mine, "tenure", words.TENURES, "tenure_unknown"),
            mine("label")[:40],
            landlord[:NAME_MAX],
            phone.value or "",
            empty,
            tuple(mine.troubles),
        )

    def _address(self, cells: _Cells, section: str) -> Address:
        said = (*_of_door(cells.own), section)
        known = self._addresses.get(said)
        if known is None:
            known = self._addresses[said] = self._read_address(cells, section)
        return known

    def _read_address(self, cells: _Cells, section: str) -> Address:
        door, room = cells("door"), cells("room")
        building, unit, floor = cells("building"), cells("unit"), cells("floor")
        compound = cells("compound")
        nicknames = self._meaning.values.get("place", {})
        for said, meant in nicknames.items():
            compound, building, door = (
                text.replace(said, meant) for text in (compound, building, door)
            )
        if not room and door and (building or unit) and _BARE.match(door):
            door, room = "", door
        named = [
            compound,
            _with(building, "幢"),
            _with(unit, "单元"),
            *([door] if door else []),
            _with(room, "室"),
        ]
        text = "".join(part for part in named if part)
        if section and not building and re.search(r"\d|[幢栋楼座]", section):
            text = section + text
        if self._meaning.estate and not compound and _NUMBERS_FIRST.match(plain(text)):
            compound = self._meaning.estate
            text = compound + text
        return Address(text[:200], compound, building, unit, floor, room)


def _with(text: str, word: str) -> str:
    return text + word if _BARE.match(text) else text
