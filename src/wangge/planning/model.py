"""Rules somebody may set, states of a proposal, and what is refused."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import msgspec

from wangge.kernel.refusals import Problem, Refusal
from wangge.kernel.settings import setting
from wangge.solvers.microgrids import Rules

Kind = Literal["repair", "propose", "hand"]

KIND_NAMES: dict[str, str] = {"repair": "修一修", "propose": "重新划分", "hand": "手工调整"}
STATE_NAMES: dict[str, str] = {
    "waiting": "正在算",
    "ready": "待决定",
    "failed": "没有算成",
    "dropped": "已放弃",
    "accepted": "已采纳",
    "undone": "已撤销",
}

#: Whom a round visits at home; counted by stairwell, never named.
VISITED = setting(
    "planning.visited",
    ["elder_alone", "reduced_mobility", "hearing_sight", "no_phone"],
    "划分微网格时,有哪些需求标签的人算作要上门的人(只计人数)",
    list[str],
)


class Wishes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the office asks of a division. `heavy` and `light` are shares of the community's mean that
    are still fair; `stability` and `whole_buildings` weights; `across` whether a stairwell may go to
    a micro-grid of another grid, which changes its grid worker too."""

    heavy: float = 1.25
    light: float = 0.6
    stability: float = 0.5
    whole_buildings: float = 0.15
    across: bool = False

    def problems(self) -> list[Problem]:
        """What is out of bounds."""
        found: list[Problem] = []
        for name, value, low, high, says in (
            ("heavy", self.heavy, 1.05, 3.0, "“多重算太重”应在 {low} 到 {high} 倍之间。"),
            ("light", self.light, 0.0, 0.95, "“多轻算太轻”应在 {low} 到 {high} 倍之间。"),
            ("stability", self.stability, 0.0, 5.0, "“少换网格长”应在 {low} 到 {high} 之间。"),
            (
                "whole_buildings",
                self.whole_buildings,
                0.0,
                5.0,
                "“一幢楼不拆开”应在 {low} 到 {high} 之间。",
            ),
        ):
            if not low <= value <= high:  # also what is no number
                found.append(Problem(name, says, values={"low": low, "high": high}))
        return found

    def rules(self) -> Rules:
        """For the solvers; seconds are the field reports' (docs/plans.md)."""
        return Rules(
            heavy=self.heavy,
            light=self.light,
            stability=self.stability,
            whole_buildings=self.whole_buildings,
        )


@dataclass(eq=False)
class AlreadyDecided(Refusal):
    """A proposal is accepted once."""

    says: ClassVar[str] = "这个方案{state},不能再改或再采纳。要再调整,请另提一个方案。"
    status: ClassVar[int] = 409
    state: str


@dataclass(eq=False)
class StillWorkedOut(Refusal):
    says: ClassVar[str] = "这个方案还在算,请等它算完。"
    status: ClassVar[int] = 409


#: Proposals of a community that are worked out at a time.
WAITING_MAX = 3


@dataclass(eq=False)
class EnoughAsked(Refusal):
    says: ClassVar[str] = "本社区已有 {count} 个方案在算,请等它们算完,或先停掉一个。"
    status: ClassVar[int] = 409
    count: int


@dataclass(eq=False)
class ProposalIsStale(Refusal):
    """The division or the register's stairwells changed since it was made."""

    says: ClassVar[str] = (
        "方案提出以后登记册变了:{moved} 个单元换了微网格,{new} 个是新的,{gone} 个没有了。"
        "请按现在的情况重新提一个方案。"
    )
    status: ClassVar[int] = 409
    moved: int
    new: int
    gone: int


@dataclass(eq=False)
class NotAccepted(Refusal):
    """Only what was accepted can be undone."""

    says: ClassVar[str] = "这个方案没有采纳过,或已经撤销,没有什么可撤。"
    status: ClassVar[int] = 409


@dataclass(eq=False)
class NoMicroGrids(Refusal):
    says: ClassVar[str] = (
        "“{name}”还没有微网格,或没有登记的单元。请先在“区域”里建微网格、登记楼栋。"
    )
    status: ClassVar[int] = 409
    name: str
