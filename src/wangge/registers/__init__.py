"""Registers: enterprises, shops, sites, schools, hotels, rented rooms, vehicles and facilities."""

from wangge.registers.kinds import KINDS, Kind

__all__ = ["KINDS", "Kind"]
