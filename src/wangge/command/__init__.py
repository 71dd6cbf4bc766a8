"""Command: what the command room sees: the board, the wall, the map, and everybody's own day."""

from wangge.cases.colours import Colour
from wangge.command.board import Board, board

__all__ = ["Board", "Colour", "board"]
