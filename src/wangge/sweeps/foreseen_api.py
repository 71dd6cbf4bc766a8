"""What a round would need, asked by a program before it is opened."""

from typing import Any

from litestar import Request, post
from litestar.params import JSONBody
from msgspec import Struct

from wangge.kernel.http import asking
from wangge.kernel.refusals import Busy
from wangge.sweeps.acts import OPEN
from wangge.sweeps.commands.opening import Opening
from wangge.sweeps.commands.splitting import Floors
from wangge.sweeps.counting import told
from wangge.sweeps.foreseen import Superseded, ahead, foresee


class ForeseenDivision(Struct):
    """One community's doors among its people. `need` is the fewest that the clock takes (null: no
    number does), `proved` that no fewer can. `longest` is the longest part in minutes as proposed,
    `nearest_longest` when everything goes to whoever is nearest. `floors` go along with `sweeps.open`."""

    area_code: str
    doors: int
    have: int
    need: int | None
    proved: bool
    longest: float
    nearest_longest: float
    floors: list[Floors]
    says: list[str]


class ForeseenCommunity(Struct):
    """One community of a larger scope; `have` are those who may walk there, `need` the fewest."""

    area_code: str
    doors: int
    have: int
    need: int | None
    says: list[str]


class ForeseenRound(Struct):
    """`minutes` are those of the round. `division` for one community, `communities` for more, those that
    lack most people first; neither where nothing is to be walked. `too_large`: ask when it is open."""

    minutes: float
    too_large: bool
    division: ForeseenDivision | None
    communities: list[ForeseenCommunity]


@post("/api/v1/sweeps/foreseen", status_code=200)
async def foreseen(request: Request[Any, Any, Any], data: JSONBody[Opening]) -> ForeseenRound:
    """Whether a round like this can be walked in its time, with how many people, and who would take
    which floors. Nothing is kept. Answers 503 where the same person asked anew meanwhile."""
    who = asking(request)
    who.must(OPEN)
    async with who.tx(read_only=True) as tx:
        asked = await ahead(tx, data)
    try:
        found = await foresee(asked, who.actor.id)
    except Superseded as anew:
        raise Busy(retry_after=1) from anew
    made, division = found.proposal, None
    if made is not None:
        division = ForeseenDivision(
            made.area_code,
            made.doors,
            made.have,
            made.need,
            made.proved,
            made.longest,
            made.now_longest,
            [
                Floors(piece.block_id, one.worker_id, piece.floor_from, piece.floor_to)
                for one in made.portions
                for piece in one.pieces
            ],
            told(asked.kind, who.locale, made.sentences),
        )
    communities = [
        ForeseenCommunity(
            one.area_code,
            one.doors,
            one.have,
            one.need,
            told(asked.kind, who.locale, one.sentences),
        )
        for one in found.parts
    ]
    return ForeseenRound(asked.minutes, found.too_large, division, communities)


API_ROUTES: list[Any] = [foreseen]
