"""A clock for the tests of signing in."""

import pytest
from comers import Clock

from small_town import NOON
from wangge.kernel import moments


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Time stands still at NOON until a test lets it pass."""
    made = Clock(NOON)
    monkeypatch.setattr(moments, "now", made.now)
    return made
