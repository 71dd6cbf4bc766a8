"""One Chinese sentence has one English: the catalogues of all rooms are read as one."""

import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest

from wangge.cases import model as cases
from wangge.dispatch.rules import STARTER_RULES
from wangge.forms import model as forms
from wangge.forms.likeness import WHY
from wangge.kernel.actors import ROLE_NAMES, Role, all_acts
from wangge.kernel.i18n import catalogue
from wangge.kernel.retention import all_keeps
from wangge.kernel.settings import all_settings
from wangge.people import model as people
from wangge.reports import editing, schedules, things
from wangge.reports import model as reports
from wangge.tasks import model as tasks
from wangge.web.rooms import import_rooms

SOURCE = Path(__file__).resolve().parents[2] / "src" / "wangge"


def told_twice(catalogues: Mapping[str, Mapping[str, str]]) -> dict[str, set[str]]:
    """Sentences with more than one English."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for words in catalogues.values():
        for chinese, english in words.items():
            found[chinese].add(english)
    return {chinese: said for chinese, said in found.items() if len(said) > 1}


def test_no_sentence_has_two_translations() -> None:
    catalogues = {
        str(path.relative_to(SOURCE)): json.loads(path.read_text(encoding="utf-8"))
        for path in SOURCE.glob("*/locale/en*.json")
    }
    assert len(catalogues) > 10
    assert told_twice(catalogues) == {}, "the last one read would win, for every room"


def test_two_translations_are_found() -> None:
    assert told_twice({"a": {"停用": "Close"}, "b": {"停用": "Disable", "好": "Good"}}) == {
        "停用": {"Close", "Disable"}
    }


def names_shown() -> dict[str, list[str]]:
    """Chinese names of codes, which `_("…")` never holds as a literal."""
    import_rooms()
    return {
        "roles": list(ROLE_NAMES.values()),
        "acts": [act.name for code, act in all_acts().items() if not code.startswith("test")],
        "settings": [
            s.words for key, s in all_settings().items() if not key.startswith("test")
        ],
        "kept classes": [
            words
            for key, keep in all_keeps().items()
            if not key.startswith("test")
            for words in (keep.name, keep.since, keep.source)
        ],
        "case states": list(cases.STATE_NAMES.values()),
        "case verbs": list(cases.VERB_NAMES.values()),
        "stages": [stage.value for stage in cases.Stage],
        "timer kinds": [*cases.KIND_NAMES.values(), *cases.SPAN_WORDS.values()],
        "names of the first rules": [row[0] for row in STARTER_RULES],
        "parts of a rule": ["所有事项", "战时", "平时", "工作时间", "非工作时间", "、"],
        "what a limit is for": ["受理", "派遣", "核实", "核查", "延期审批", "核查结案"],
        "task states": list(tasks.STATE_NAMES.values()),
        "task kinds": list(tasks.KIND_NAMES.values()),
        "needs": list(people.NEEDS.values()),
        **{f"forms: {what}": list(names) for what, names in forms.NAMES_FOR_WORDS.items()},
        "why a heading matches": list(WHY.values()),
        "reports: rows": list(reports.ROWS_NAMES.values()),
        "reports: schedules": [
            *schedules.EVERY_NAMES.values(),
            *schedules.WEEKDAYS.values(),
            *schedules.OFF_NAMES.values(),
        ],
        "reports: runs": [*reports.RUN_STATES.values(), *reports.CHANGES.values()],
        **{f"reports: {what}": list(names) for what, names in things.NAMES_FOR_WORDS.items()},
        "reports: days": list(editing.NEAR.values()),
        "reports: counts": [*reports.GROUPS.values(), *reports.COUNTED.values()],
        "platforms": list(people.PLATFORMS.values()),
    }


NAMES = names_shown()


@pytest.mark.parametrize(("what", "names"), NAMES.items(), ids=list(NAMES))
def test_every_name_that_is_shown_has_its_english(what: str, names: list[str]) -> None:
    assert names
    assert [name for name in names if name not in catalogue("en")] == [], what


def test_every_state_and_verb_has_a_name() -> None:
    assert set(cases.STATE_NAMES) == set(cases.State)
    assert set(cases.VERB_NAMES) == set(cases.Verb)
    assert set(tasks.STATE_NAMES) == set(tasks.TaskState)
    assert set(tasks.KIND_NAMES) == set(tasks.TaskKind)
    assert set(ROLE_NAMES) == set(Role)
