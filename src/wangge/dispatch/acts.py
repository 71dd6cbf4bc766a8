"""What may be done with rules and offers."""

from wangge.kernel.actors import Role, act

CONFIGURE = act(
    "dispatch.configure", "维护分派规则", Role.DISTRICT_OFFICER, Role.SHIFT_SUPERVISOR
)
WATCH_OFFERS = act(
    "dispatch.watch_offers",
    "查看未答复的派单",
    Role.COMMUNITY_OFFICER,
    Role.STREET_OFFICER,
    Role.DISTRICT_OFFICER,
    Role.DISPATCHER,
    Role.SHIFT_SUPERVISOR,
)
SETTINGS = act("dispatch.settings", "修改设置", Role.DISTRICT_OFFICER, Role.SYSTEM_ADMIN)
