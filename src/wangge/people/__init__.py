"""People: staff with their posts and teams; households and residents behind a second lock."""

from wangge.people.model import Field, Member, Org, Post, Staff, Team
from wangge.people.roster import ROSTER, Roster

__all__ = ["ROSTER", "Field", "Member", "Org", "Post", "Roster", "Staff", "Team"]
