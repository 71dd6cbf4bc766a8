"""What every test may use: the fixtures of the small town (town_fixtures.py)."""

from hypothesis import HealthCheck, settings

from town_fixtures import *  # noqa: F403

# How fast the machine is, is no property of what is tested: a busy one fails nothing.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")
