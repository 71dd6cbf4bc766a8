"""Words in the reader's language, in the number that they are of."""

import pytest

from wangge.kernel.i18n import catalogue, translate


@pytest.mark.parametrize(
    ("n", "said"), [(0, "0 stairwells"), (1, "1 stairwell"), (2, "2 stairwells")]
)
def test_one_is_not_many(n: int, said: str) -> None:
    assert translate("en", "{n} 个单元", n=n) == said
    assert translate("zh", "{n} 个单元", n=n) == f"{n} 个单元"


def test_every_sentence_of_the_catalogues_can_be_filled_in() -> None:
    """With what its Chinese names, and nothing else."""
    for chinese in catalogue("en"):
        names = {one.partition("}")[0] for one in chinese.split("{")[1:]}
        if all(one.isidentifier() for one in names):
            for n in (1, 2):
                translate("en", chinese, **dict.fromkeys(names, n))
