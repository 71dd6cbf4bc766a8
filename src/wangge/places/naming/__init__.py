"""What estates and houses are called: their names, and the nicknames that lists use for them."""

from wangge.places.naming.commands import add_alias, remove_alias, rename_compound
from wangge.places.naming.model import Alias, AliasTaken, placed_words

__all__ = [
    "Alias",
    "AliasTaken",
    "add_alias",
    "placed_words",
    "remove_alias",
    "rename_compound",
]
