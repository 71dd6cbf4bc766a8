"""What every test may use: the fixtures of the small town (town_fixtures.py)."""

from town_fixtures import *  # noqa: F403
