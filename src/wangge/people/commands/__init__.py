"""Commands: accounts and posts, teams, households and the one way to a full number."""

from wangge.people.commands.posts import (
    add_org,
    end_post,
    give_post,
    hire,
    load_orgs,
    load_staff,
    set_active,
)
from wangge.people.commands.residents import (
    Draft,
    end_household,
    load_households,
    load_residents,
    register_household,
    reveal,
    reveal_landlord,
)
from wangge.people.commands.teams import Formed, all_templates, end_team, form_team

__all__ = [
    "Draft",
    "Formed",
    "add_org",
    "all_templates",
    "end_household",
    "end_post",
    "end_team",
    "form_team",
    "give_post",
    "hire",
    "load_households",
    "load_orgs",
    "load_residents",
    "load_staff",
    "register_household",
    "reveal",
    "reveal_landlord",
    "set_active",
]
