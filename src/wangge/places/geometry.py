"""Shapely, behind one untyped door: it ships no types, and the rest of the room stays strict."""

from importlib import import_module
from typing import Any

shapely: Any = import_module("shapely")
import_module("shapely.ops")  # known as shapely.ops from here on
