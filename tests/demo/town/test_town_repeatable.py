"""The same number gives the same town, in this process, in the next, and on other machines."""

import hashlib
import os
import subprocess
import sys
from datetime import UTC, datetime

from wangge.demo.town import Town, make_town, past_cases

NOON = datetime(2026, 3, 18, 4, tzinfo=UTC)

FINGERPRINT = "2e56a461b9f74ecac7294c16395d885785b5272142a4bab79513d73226c79818"
"""Of the community town with seed 141. It changes only when somebody changes the town."""


def fingerprint(town: Town) -> str:
    """A hash over every row of a town, as text."""
    digest = hashlib.sha256()

    def add(rows: object) -> None:
        digest.update(repr(rows).encode())

    add(town.areas)
    add(town.lines)
    add(town.offices)
    for community in town.communities():
        add((community.housing, community.households, community.crew, community.lines))
        for person in community.residents():
            add(person)
    add(list(past_cases(town, 200, 1, now=NOON)))
    return digest.hexdigest()


def test_the_town_is_the_one_it_always_was() -> None:
    assert fingerprint(make_town("community")) == FINGERPRINT


def test_another_process_with_other_hashes_makes_the_same_town() -> None:
    answer = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import {__name__} as t; print(t.fingerprint(t.make_town('community')))",
        ],
        env={**os.environ, "PYTHONHASHSEED": "77", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == fingerprint(make_town("community"))


def test_another_seed_makes_another_town() -> None:
    (one,) = make_town("community", seed=1).communities()
    (two,) = make_town("community", seed=2).communities()
    assert len(one.households) == len(two.households)
    assert one.areas != two.areas
    assert not {h.id for h in one.households} & {h.id for h in two.households}


def test_a_community_does_not_depend_on_who_was_looked_at_before() -> None:
    town = make_town("street")
    codes = [plan.code for plan in town.plan.communities]
    alone = town.community(codes[5])
    after = list(make_town("street").communities())[5]
    assert alone.code == after.code
    assert alone.housing == after.housing
    assert list(alone.residents()) == list(after.residents())
