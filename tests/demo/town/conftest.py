"""One street for all who only look at it."""

import pytest

from wangge.demo.town import Town, make_town


@pytest.fixture(scope="session")
def street() -> Town:
    return make_town("street")
