"""Going round again, more time, and the close with its certificate."""

from datetime import datetime, timedelta
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.refusals import Invalid
from wangge.sweeps.acts import OPEN
from wangge.sweeps.certificate import (
    Account,
    account_of,
    counts_as_text,
    kept_account,
    sha256_of,
)
from wangge.sweeps.clock import set_clock
from wangge.sweeps.events import (
    DoorNeeds,
    PassBegun,
    RoundCertified,
    RoundClosed,
    RoundRetimed,
)
from wangge.sweeps.kinds import kind_as_opened
from wangge.sweeps.model import UNTESTED, Round, RoundOver
from wangge.sweeps.queries import certificate, rounds
from wangge.sweeps.queries import closing as queries

#: Minutes a second pass gets when nothing is said.
PASS_MINUTES = 20
#: Passes of one round.
PASSES_MAX = 20
#: Cases that one close opens for people without a test; more are a list, not a flood.
UNTESTED_MAX = 2_000


async def begin_pass(tx: Tx, round_id: UUID, minutes: int = PASS_MINUTES) -> Round:
    """The doors left are gone round again: those without a report, and those where nobody was met.
    Raises NotFound, RoundOver, Invalid."""
    round_ = await rounds.lock(tx, tx.reach(OPEN), round_id)
    if not round_.open:
        raise RoundOver()
    if not 5 <= minutes <= 43_200:
        raise Invalid.of("minutes", "时限应为 5 分钟到 30 天。")
    if round_.pass_n >= PASSES_MAX:
        raise Invalid.of(
            "round_id", "这一轮已经走了 {most} 遍,请结束后另开一轮。", most=PASSES_MAX
        )
    left = await queries.left(tx, round_id)
    ends_at = max(round_.ends_at, tx.now + timedelta(minutes=minutes))
    await rounds.begin_pass(tx, round_id, ends_at)
    await set_clock(tx, round_id, ends_at)
    tx.publish(PassBegun(round_.id, round_.area_code, round_.pass_n + 1, left))
    return await rounds.round_(tx, tx.reach(OPEN), round_id)


async def retime(tx: Tx, round_id: UUID, ends_at: datetime) -> Round:
    """Another end. Raises NotFound, RoundOver, Invalid."""
    round_ = await rounds.lock(tx, tx.reach(OPEN), round_id)
    if not round_.open:
        raise RoundOver()
    if not tx.now < ends_at <= tx.now + timedelta(days=60):
        raise Invalid.of("ends_at", "新的结束时间要晚于现在,且在 60 天以内。")
    await rounds.retime(tx, round_id, ends_at)
    await set_clock(tx, round_id, ends_at)
    tx.publish(RoundRetimed(round_.id, round_.area_code, ends_at))
    return await rounds.round_(tx, tx.reach(OPEN), round_id)


async def more_time(tx: Tx, round_id: UUID, minutes: int) -> Round:
    """So many minutes more than the round has; from now on, where its time is over already. Counted
    here and not on a page, which may be old. Raises NotFound, RoundOver, Invalid."""
    if minutes < 1:
        raise Invalid.of("minutes", "时限请填分钟数。")
    round_ = await rounds.lock(tx, tx.reach(OPEN), round_id)
    # Whoever asks for years is told the most by `retime`.
    later = max(round_.ends_at, tx.now) + timedelta(minutes=min(minutes, 10**6))
    return await retime(tx, round_id, later)


async def close_round(tx: Tx, round_id: UUID, *, expired: bool = False) -> Account:
    """Close a round and certify it. Reports that come later reopen their doors' lines, not the
    round. Raises NotFound, RoundOver."""
    round_ = await rounds.lock(tx, tx.reach(OPEN), round_id)
    if not round_.open:
        raise RoundOver()
    await rounds.close(tx, round_id, tx.actor.id)
    tx.publish(RoundClosed(round_.id, round_.area_code, expired))
    closed = await rounds.lock(tx, tx.reach(OPEN), round_id)
    account = await _certify(tx, closed)
    await _untested(tx, closed)
    return account


async def certify_again(tx: Tx, round_id: UUID) -> Account:
    """A further certificate of a closed round, with what came in since. Raises NotFound, Invalid."""
    round_ = await rounds.lock(tx, tx.reach(OPEN), round_id)
    if round_.open:
        raise Invalid.of("round_id", "这一轮还没有结束,结束时会自动出具。")
    if await certificate.purged(tx, round_):
        raise Invalid.of(
            "round_id", "这一轮的名册已按期删除,不能再出新的核对表。已出的核对表照样有效。"
        )
    return await _certify(tx, round_)


async def _certify(tx: Tx, round_: Round) -> Account:
    version = round_.certified + 1
    account = await account_of(tx, round_, version)
    if not account.adds_up():
        raise ArithmeticError(f"the account of round {round_.id} does not add up")
    sha256 = sha256_of(account)
    await certificate.insert_certificate(
        tx,
        certificate.CertificateRow(
            round_.id, version, tx.now, tx.actor.id, kept_account(account), sha256
        ),
    )
    await rounds.certified(tx, round_.id, version)
    tx.publish(
        RoundCertified(
            round_.id,
            round_.area_code,
            version,
            account.total,
            account.missing,
            account.flagged,
            counts_as_text(account.counts),
            account.doors_sha256,
            sha256,
        )
    )
    return account


async def _untested(tx: Tx, round_: Round) -> None:
    """Doors of a testing round where somebody was missed become cases, one a door."""
    rule = (await kind_as_opened(tx, round_.id)).raised(UNTESTED)
    if rule is None:
        return
    for door in await queries.untested(tx, round_.id, UNTESTED_MAX):
        tx.publish(
            DoorNeeds(
                round_.id,
                door.area_code,
                door.id,
                door.block_id,
                UNTESTED,
                rule.case_class,
                rule.calm,
            )
        )
