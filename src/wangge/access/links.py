"""Links to files: made by a page that shows a thing, good for one person and a short while."""

import hmac
from uuid import UUID

from wangge.kernel import moments
from wangge.kernel.http import Asking

#: Seconds a link is good for, at least; at most twice that, so that a page seen twice in a row
#: names the same address and the browser need not fetch the photo again.
GOOD_FOR = 900


def _mark(asking: Asking, file_id: UUID, until: int) -> str:
    return asking.district.vault.index(f"file\0{file_id}\0{until}\0{asking.actor.id}").hex()


def sign_file(asking: Asking, file_id: UUID) -> str:
    """The address of a file for this asker. Call it only for files of things they may see."""
    until = (int(moments.now().timestamp()) // GOOD_FOR + 2) * GOOD_FOR
    mark = _mark(asking, file_id, until)
    return f"{asking.base}/api/v1/files/{file_id}?until={until}&mark={mark}"


def is_signed(asking: Asking, file_id: UUID, until: int, mark: str) -> bool:
    """Whether we made that link, for this asker, not long ago."""
    if until < moments.now().timestamp():
        return False
    return hmac.compare_digest(_mark(asking, file_id, until), mark)
