"""`wangge plan` with formats that others publish: a street network, a roster of the competition; Ctrl-C."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cli_kit import Wangge

KEYS = ("n_customers", "demand", "workload")


def network(side: int, *, skip: set[tuple[int, int]] | None = None, work: str = "1") -> str:
    """Streets like a chessboard, without those that are skipped."""
    keys = "".join(
        f'<key id="{key}" for="node" attr.name="{key}" attr.type="int"/>' for key in KEYS
    )
    nodes = "".join(
        f'<node id="n{n}">'
        + "".join(f'<data key="{key}">{work}</data>' for key in KEYS)
        + "</node>"
        for n in range(side * side)
    )
    pairs = [(n, n + 1) for n in range(side * side) if (n + 1) % side]
    pairs += [(n, n + side) for n in range(side * (side - 1))]
    edges = "".join(
        f'<edge source="n{a}" target="n{b}"><data key="way">10</data></edge>'
        for a, b in pairs
        if (a, b) not in (skip or set())
    )
    return (
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
        f'<key id="way" for="edge" attr.name="distance" attr.type="float"/>{keys}'
        f'<graph edgedefault="undirected">{nodes}{edges}</graph></graphml>'
    )


def test_a_network_is_divided_and_judged_from_files(wangge: Wangge, tmp_path: Path) -> None:
    given, answer, verdict = (tmp_path / one for one in ("net.graphml", "a.json", "v.json"))
    given.write_text(network(4), "utf-8")
    size = ("--territories", 4, "--tolerance", 0.05)
    solved = wangge(
        *("plan", "territories", "solve", "--in", given, "--out", answer),
        *(*size, "--tries", 40_000, "--seconds", 60),
    )
    assert solved.code == 0, solved.said
    told: dict[str, Any] = json.loads(answer.read_text("utf-8"))
    assert [len(one) for one in told["territories"]] == [4, 4, 4, 4]
    assert told["whole"] is True
    judged = wangge(
        *("plan", "territories", "check", "--in", given, "--out", verdict, "--plan", answer),
        *size,
    )
    assert judged.code == 0
    assert json.loads(verdict.read_text("utf-8"))["widest"] == told["widest"]

    told["territories"][0].append(told["territories"][1].pop())
    told["territories"][2].append("n99")
    answer.write_text(json.dumps(told), "utf-8")
    judged = wangge(
        *("plan", "territories", "check", "--in", given, "--out", verdict, "--plan", answer),
        *size,
    )
    assert judged.code == 1
    assert "第 3 片里的点“n99”不在网络里" in judged.err


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("", "文件是空的"),
        ("<graphml>", "不是 GraphML"),
        ("<a/>", "没有点"),
        (network(3, work="-1"), "node n0 的“n_customers”要是不小于 0 的数"),
        (network(3, work="nan"), "要是不小于 0 的数"),
        (network(3, work="1e308"), "node n0 的“n_customers”太大或太小"),
        (network(3, work="1e-320"), "在 1e-06 到 1000000000 之间"),
        (network(4).replace(">10</data></edge>", ">0</data></edge>"), "没有一条街(edge)"),
        (network(2, skip={(0, 1), (0, 2)}), "网络不连成一片"),
        (network(2).replace('id="n1"', 'id="n0"'), "有两个点的编号相同"),
        (network(2).replace('target="n1"', 'target="x"'), "点“x”不在文件里"),
        (network(2).replace('attr.name="demand"', 'attr.name="other"'), "缺“demand”"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><a/>', "不收的声明"),
        (network(2), "4 个点分不成 10 片"),
    ],
)
def test_a_bad_network_is_refused_in_words(
    wangge: Wangge, tmp_path: Path, raw: str, words: str
) -> None:
    given = tmp_path / "net.graphml"
    given.write_text(raw, "utf-8")
    said = wangge("plan", "territories", "solve", "--in", given, "--out", tmp_path / "a.json")
    assert said.code == 1
    assert words in said.err
    assert "Traceback" not in said.err


def test_work_that_cannot_be_balanced_is_said_with_the_best_there_is(
    wangge: Wangge, tmp_path: Path
) -> None:
    given, answer = tmp_path / "net.graphml", tmp_path / "a.json"
    given.write_text(network(3), "utf-8")
    said = wangge(
        *("plan", "territories", "solve", "--in", given, "--out", answer),
        *("--territories", 2, "--tolerance", 0.01, "--tries", 40_000, "--seconds", 5),
    )
    assert said.code == 1
    assert "工作量没有摆平" in said.out
    assert sorted(len(one) for one in json.loads(answer.read_text("utf-8"))["territories"]) == [
        4,
        5,
    ]


#: One person at a time by day, for two days; both would rather not work the first of them.
INSTANCE = """<SchedulingPeriod ID="two">
<StartDate>2010-01-04</StartDate><EndDate>2010-01-05</EndDate><Skills><Skill>Nurse</Skill></Skills>
<ShiftTypes><Shift ID="D"><StartTime>08:00:00</StartTime><EndTime>16:00:00</EndTime>
<Skills><Skill>Nurse</Skill></Skills></Shift></ShiftTypes><Patterns/>
<Contracts><Contract ID="0"><WeekendDefinition>SaturdaySunday</WeekendDefinition></Contract></Contracts>
<Employees>
<Employee ID="a"><ContractID>0</ContractID><Skills><Skill>Nurse</Skill></Skills></Employee>
<Employee ID="b"><ContractID>0</ContractID><Skills><Skill>Nurse</Skill></Skills></Employee>
</Employees><CoverRequirements>
<DayOfWeekCover><Day>Monday</Day><Cover><Shift>D</Shift><Preferred>1</Preferred></Cover></DayOfWeekCover>
<DayOfWeekCover><Day>Tuesday</Day><Cover><Shift>D</Shift><Preferred>1</Preferred></Cover></DayOfWeekCover>
</CoverRequirements><DayOffRequests>
<DayOff weight="9"><EmployeeID>a</EmployeeID><Date>2010-01-04</Date></DayOff>
<DayOff weight="4"><EmployeeID>b</EmployeeID><Date>2010-01-04</Date></DayOff>
</DayOffRequests></SchedulingPeriod>"""


def test_a_public_roster_is_made_written_as_its_own_format_and_judged(
    wangge: Wangge, tmp_path: Path
) -> None:
    given, made, verdict = (tmp_path / one for one in ("two.xml", "two.sol.xml", "v.json"))
    given.write_text(INSTANCE, "utf-8")
    solved = wangge("plan", "roster", "solve", "--in", given, "--out", made, "--seconds", 30)
    assert solved.code == 0, solved.said
    assert "罚分 4" in solved.out
    assert "已经证明" in solved.out
    assert "--tries" not in solved.err
    solve = ("plan", "roster", "solve", "--in", given, "--out", made, "--seconds", 30)
    assert "没有写 --same,--tries 不算数" in wangge(*solve, "--tries", 40).err
    assert "--tries" not in wangge(*solve, "--tries", 40, "--same").err
    text = made.read_text("utf-8")
    assert "<SoftConstraintsPenalty>4</SoftConstraintsPenalty>" in text
    check = ("plan", "roster", "check", "--in", given, "--out", verdict, "--plan", made)
    assert wangge(*check).code == 0
    assert json.loads(verdict.read_text("utf-8")) | {"kinds": {}} == {
        "penalty": 4,
        "kinds": {},
        "broken": 0,
    }
    for was, now, words in (
        ("<Date>2010-01-05</Date>", "<Date>2010-01-07</Date>", "有 3 处必须改正"),
        ("<Date>2010-01-05</Date>", "<Date>5 May</Date>", "第 2 个 Assignment 的日期不对"),
        ("</Solution>", "", "不是 INRC-2010 的 XML"),
    ):
        made.write_text(text.replace(was, now), "utf-8")
        said = wangge(*check)
        assert said.code == 1
        assert words in said.said
        assert "Traceback" not in said.err


def stopped_at_once(kind: str, given: Path, answer: Path) -> tuple[str, str]:
    """What `wangge plan KIND solve` says when Ctrl-C is pressed once while it tries."""
    command = ["plan", kind, "solve", "--in", str(given), "--out", str(answer)]
    running = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "wangge.cli",
            *command,
            "--seconds",
            "600",
            "--tries",
            "5000000",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "WANGGE_LANG": "both"},
    )
    assert running.stdout is not None
    # Each language whole, not one within the other.
    words = r"正在试 [一-鿿]+:\d+% · trying [a-z ]+: \d+%"
    assert re.search(words, running.stdout.readline())
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=120)
    assert "正在停下" in err
    assert re.search("停下了", out)
    return out, err


def test_a_first_ctrl_c_writes_the_best_so_far(tmp_path: Path) -> None:
    given, answer = tmp_path / "net.graphml", tmp_path / "a.json"
    given.write_text(network(20), "utf-8")
    stopped_at_once("territories", given, answer)
    told = json.loads(answer.read_text("utf-8"))
    assert told["stopped"] == "cancelled"
    assert sum(map(len, told["territories"])) == 400


def test_a_first_ctrl_c_of_a_roster_writes_the_best_so_far(tmp_path: Path) -> None:
    """While CP-SAT searches, which has a hand of its own for Ctrl-C."""
    shifts = [("a", "07:00", "15:00"), ("b", "15:00", "23:00"), ("c", "23:00", "07:00")]
    problem = {
        "format": "wangge.roster/1",
        "first_day": "2026-03-16",
        "days": 14,
        "shifts": [
            {"id": one, "name": one, "from": begins, "to": ends} for one, begins, ends in shifts
        ],
        "posts": [{"id": f"g{n}", "name": f"g{n}"} for n in range(8)],
        "people": [{"id": f"p{n}"} for n in range(30)],
        "needs": [{"post": f"g{n}", "shift": one[0]} for n in range(8) for one in shifts],
        "limits": {"rest_hours": 11, "days": 5, "nights": 2, "week_hours": 40},
    }
    given, answer = tmp_path / "in.json", tmp_path / "a.json"
    given.write_text(json.dumps(problem), "utf-8")
    command = ["plan", "roster", "solve", "--in", str(given), "--out", str(answer)]
    running = subprocess.Popen(
        [sys.executable, "-m", "wangge.cli", *command, "--seconds", "900"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "WANGGE_LANG": "zh"},
    )
    assert running.stdout is not None
    assert "正在试" in running.stdout.readline()
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=120)
    assert "正在停下" in err
    assert "停下了" in out
    told = json.loads(answer.read_text("utf-8"))
    assert told["stopped"] == "cancelled"
    assert (told["needed"], told["verdict"]["hard"]) == (336, 0)
    assert len(told["roster"]) == 336 - told["missing"]


def points(count: int) -> str:
    """A CVRPLIB file: the depot and points on a spiral, each wanting one."""
    rows = range(1, count + 1)
    return "\n".join(
        [
            f"NAME : spiral\nTYPE : CVRP\nDIMENSION : {count}\nEDGE_WEIGHT_TYPE : EUC_2D",
            "CAPACITY : 9\nNODE_COORD_SECTION",
            *(f"{n} {n * n % 211} {n * 7 % 193}" for n in rows),
            "DEMAND_SECTION",
            *(f"{n} {int(n > 1)}" for n in rows),
            "DEPOT_SECTION\n1\n-1\nEOF\n",
        ]
    )


def test_deliveries_are_stopped_by_a_first_ctrl_c_too(wangge: Wangge, tmp_path: Path) -> None:
    given, tours = tmp_path / "spiral.vrp", tmp_path / "spiral.sol"
    given.write_text(points(120), "utf-8")
    stopped_at_once("deliver", given, tours)
    check = ("plan", "deliver", "check", "--in", given, "--out", tmp_path / "v.json", "--plan")
    judged = wangge(*check, tours)
    assert judged.code == 0, judged.said
    tours.write_text("no tours here\n", "utf-8")
    refused = wangge(*check, tours)
    assert refused.code == 1
    assert "没有“Route #1" in refused.err
    assert "Traceback" not in refused.err
