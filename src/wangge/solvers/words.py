"""What a solver says: a Chinese sentence with `{names}` and what stands in them.

The sentence is the key of the catalogues, as everywhere; who shows it chooses the language.
"""

from collections.abc import Mapping
from dataclasses import dataclass

Value = str | int | float


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and its values. Names in it are those of places and grids, never of people."""

    text: str
    values: Mapping[str, Value]

    def __str__(self) -> str:
        return self.text.format(**self.values)


def said(text: str, /, **values: Value) -> Sentence:
    """A sentence to be shown in the reader's language."""
    return Sentence(text, values)
