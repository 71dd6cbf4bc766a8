"""Needs: what somebody may need help with, never why; each with a purpose, a basis and an end."""

from wangge.people.tags.model import TagKind, kinds
from wangge.people.tags.noting import noted

__all__ = ["TagKind", "kinds", "noted"]
