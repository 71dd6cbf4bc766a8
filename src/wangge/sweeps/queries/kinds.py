"""Kinds of rounds."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wangge.kernel.database import Tx


@dataclass(frozen=True, slots=True)
class KindRow:
    """A row of sweeps_kind."""

    code: str
    name: str
    targets: str
    outcomes: list[dict[str, Any]]
    minutes: int
    needs_response: bool
    tubes: bool
    special: tuple[str, ...]
    wanted: tuple[str, ...]
    questions: list[dict[str, Any]]
    raises: list[dict[str, Any]]
    closed_at: datetime | None


async def kinds(tx: Tx) -> list[KindRow]:
    """All kinds, the ready-made ones first."""
    return await tx.many(
        KindRow,
        """
        select code, name, targets, outcomes, minutes, needs_response, tubes, special, wanted,
               questions, raises, closed_at
          from sweeps_kind
         order by array_position(array['check', 'testing', 'visit', 'safety', 'notice'], code),
                  code
        """,
    )


async def save(tx: Tx, row: KindRow) -> int:
    """A kind as it now is, new or changed."""
    return await tx.run(
        """
        insert into sweeps_kind (code, name, targets, outcomes, minutes, needs_response, tubes,
                                 special, wanted, questions, raises, closed_at)
        values (:code, :name, :targets, :outcomes, :minutes, :needs_response, :tubes,
                :special::text[], :wanted::text[], :questions, :raises, :closed_at)
        on conflict (code) do update
           set name = excluded.name, targets = excluded.targets, outcomes = excluded.outcomes,
               minutes = excluded.minutes, needs_response = excluded.needs_response,
               tubes = excluded.tubes, special = excluded.special, wanted = excluded.wanted,
               questions = excluded.questions, raises = excluded.raises,
               closed_at = excluded.closed_at
        """,
        code=row.code,
        name=row.name,
        targets=row.targets,
        outcomes=row.outcomes,
        minutes=row.minutes,
        needs_response=row.needs_response,
        tubes=row.tubes,
        special=list(row.special),
        wanted=list(row.wanted),
        questions=row.questions,
        raises=row.raises,
        closed_at=row.closed_at,
    )
