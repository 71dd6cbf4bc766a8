"""Command: what the command room sees: the board, the wall, the map, and everybody's own day."""

from wangge.command.board import Board, board
from wangge.command.model import Colour

__all__ = ["Board", "Colour", "board"]
