"""A run with people in it goes with its export: its file expires, is refused, or fails there."""

from wangge.exports.events import ExportEnded, ExportRefused
from wangge.kernel.database import Tx
from wangge.kernel.relay import reaction
from wangge.reports import queries


@reaction("reports", ExportRefused)
async def refused(tx: Tx, fact: ExportRefused) -> None:
    """A second person said no."""
    await queries.end_run(tx, fact.export_id, "failed")


@reaction("reports", ExportEnded)
async def ended(tx: Tx, fact: ExportEnded) -> None:
    """The file is gone; the numbers stay."""
    await queries.end_run(tx, fact.export_id, "gone")
