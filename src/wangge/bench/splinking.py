"""splink as a peer: its comparisons as they come, its parameters learned without labels.

It is given what it can use: the list's telephones and numbers already cleaned, the year of birth by
the age, and no addresses, for which it has no comparison.
"""

import csv
import logging
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from wangge.bench.contact_lists import TODAY, Person, Written
from wangge.matching import read_id_number, read_phone

#: A pair is taken for a link from here on, its own documentation's example.
MATCH = 0.95
_HEAD = ("unique_id", "name", "id_number", "phone", "sex", "year")


def splink_links(people: Sequence[Person], lines: Sequence[Written]) -> list[int | None] | None:
    """For each row the person with the likeliest pair; None where splink is not installed."""
    try:
        import_module("splink")
        import_module("duckdb")
    except ImportError:
        return None
    with TemporaryDirectory() as folder:
        _write(
            Path(folder) / "people.csv",
            (
                (f"p{at}", one.name, one.id_number, one.phone or "", one.sex, one.born.year)
                for at, one in enumerate(people)
            ),
        )
        _write(
            Path(folder) / "list.csv",
            (
                (
                    f"a{at}",
                    one.name,
                    read_id_number(one.id_number).value or one.id_number,
                    read_phone(one.phone).value or "",
                    one.sex,
                    TODAY.year - int(one.age),
                )
                for at, one in enumerate(lines)
            ),
        )
        pairs = _pairs(Path(folder))
    best: list[int | None] = [None] * len(lines)
    weight: dict[int, float] = {}
    for left, right, sure in pairs:
        row, person = sorted((left, right))
        at = int(row[1:])
        if sure >= MATCH and sure > weight.get(at, 0.0):
            weight[at], best[at] = sure, int(person[1:])
    return best


def _write(path: Path, rows: Any) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(_HEAD)
        writer.writerows(rows)


def _pairs(folder: Path) -> list[tuple[str, str, float]]:
    splink: Any = import_module("splink")
    backend: Any = import_module("splink.backends.duckdb")
    compare: Any = import_module("splink.comparison_library")
    duckdb: Any = import_module("duckdb")
    logging.getLogger("splink").setLevel(logging.ERROR)
    connection = duckdb.connect()
    for name in ("list", "people"):
        connection.execute(
            f"create table {name}_given as select unique_id, "  # noqa: S608
            + ", ".join(f"nullif({column}, '') as {column}" for column in _HEAD[1:])
            + f" from read_csv('{folder / name}.csv', all_varchar = true)"
        )
    database = backend.DuckDBAPI(connection)
    linker = splink.Linker(
        [
            database.register("list_given", dataset_display_name="a"),
            database.register("people_given", dataset_display_name="p"),
        ],
        splink.SettingsCreator(
            link_type="link_only",
            comparisons=[
                compare.DamerauLevenshteinAtThresholds("id_number", [1, 2]),
                compare.NameComparison("name"),
                compare.DamerauLevenshteinAtThresholds("phone", [1]),
                compare.ExactMatch("sex"),
                compare.ExactMatch("year"),
            ],
            blocking_rules_to_generate_predictions=[
                splink.block_on("id_number"),
                splink.block_on("phone"),
                splink.block_on("name", "year"),
            ],
        ),
        log_level="ERROR",
    )
    linker.training.estimate_probability_two_random_records_match(
        [splink.block_on("id_number")], recall=0.75
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in (splink.block_on("id_number"), splink.block_on("phone")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    found = linker.inference.predict(threshold_match_probability=MATCH)
    return [
        (row["unique_id_l"], row["unique_id_r"], row["match_probability"])
        for row in found.as_record_list()
    ]
