"""What every journey may use: a served town, a phone, a screen (browsing.py)."""

from browsing import *  # noqa: F403
