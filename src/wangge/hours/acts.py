"""Who sees, plans and answers for hours. Beyond a limit goes only who answers for an office."""

from wangge.kernel.actors import Role, act

OWN = act(
    "hours.own",
    "查看和登记自己的工时",
    *(role for role in Role if role not in (Role.CHANNEL, Role.SYSTEM)),
)
READ = act(
    "hours.read",
    "查看班次与工时",
    Role.GRID_HEAD,
    Role.SHIFT_SUPERVISOR,
    Role.COMMUNITY_OFFICER,
    Role.STREET_OFFICER,
    Role.DISTRICT_OFFICER,
)
PLAN = act(
    "hours.plan",
    "安排班次、登记工时",
    Role.GRID_HEAD,
    Role.SHIFT_SUPERVISOR,
    Role.COMMUNITY_OFFICER,
    Role.STREET_OFFICER,
    Role.DISTRICT_OFFICER,
)
OVERRIDE = act(
    "hours.override",
    "超过工时限度仍然安排(写明理由)",
    Role.COMMUNITY_OFFICER,
    Role.STREET_OFFICER,
    Role.DISTRICT_OFFICER,
)
PUBLISH = act(
    "hours.publish",
    "公布和撤回排班表",
    Role.SHIFT_SUPERVISOR,
    Role.COMMUNITY_OFFICER,
    Role.STREET_OFFICER,
    Role.DISTRICT_OFFICER,
)
