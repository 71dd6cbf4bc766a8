from collections.abc import Iterator

import pytest

from gateways import Gateway, serving


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with serving() as made:
        yield made
