"""Who may open rounds, report doors, decide conflicts."""

from wangge.kernel.actors import Role, act

#: Whoever walks, leads or watches.
READ = act(
    "sweeps.read",
    "查看清查轮次",
    Role.LINKED_LEADER,
    Role.ADVISER,
    Role.GRID_HEAD,
    Role.GRID_WORKER,
    Role.PART_TIME_WORKER,
    Role.POLICE,
    Role.DOCTOR,
    Role.VOLUNTEER,
    Role.SOCIAL_WORKER,
    Role.SHIFT_SUPERVISOR,
    Role.DISPATCHER,
    Role.COMMUNITY_OFFICER,
    Role.STREET_OFFICER,
    Role.DISTRICT_OFFICER,
    Role.DATA_PROTECTION,
)
REPORT = act(
    "sweeps.report",
    "上报入户情况",
    Role.GRID_HEAD,
    Role.GRID_WORKER,
    Role.PART_TIME_WORKER,
    Role.POLICE,
    Role.DOCTOR,
    Role.VOLUNTEER,
    Role.SOCIAL_WORKER,
    Role.COMMUNITY_OFFICER,
    Role.STREET_OFFICER,
)
OPEN = act(
    "sweeps.open",
    "发起和结束清查",
    Role.GRID_HEAD,
    Role.COMMUNITY_OFFICER,
    Role.STREET_OFFICER,
    Role.DISTRICT_OFFICER,
)
DEAL = act(
    "sweeps.deal",
    "分派和改派楼道",
    Role.GRID_HEAD,
    Role.COMMUNITY_OFFICER,
    Role.STREET_OFFICER,
    Role.DISTRICT_OFFICER,
    Role.SHIFT_SUPERVISOR,
)
DECIDE = act(
    "sweeps.decide",
    "裁定不一致和更正",
    Role.GRID_HEAD,
    Role.COMMUNITY_OFFICER,
    Role.STREET_OFFICER,
)
KINDS = act("sweeps.kinds", "设置清查类型", Role.DISTRICT_OFFICER, Role.STREET_OFFICER)
