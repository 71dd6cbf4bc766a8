"""What may be done with places, and by whom."""

from wangge.kernel.actors import Role, act

STAFF: tuple[Role, ...] = tuple(
    role for role in Role if role not in (Role.CHANNEL, Role.SYSTEM)
)

READ = act("places.read", "查看区域", *STAFF)
CHANGE = act(
    "places.change", "调整区域", Role.DISTRICT_OFFICER, Role.STREET_OFFICER, Role.SYSTEM_ADMIN
)
#: Whoever reads lists learns what people call an estate.
NAME = act(
    "places.name",
    "登记小区和楼栋的别名",
    Role.GRID_HEAD,
    Role.GRID_WORKER,
    Role.SOCIAL_WORKER,
    Role.COMMUNITY_OFFICER,
    Role.STREET_OFFICER,
    Role.DISTRICT_OFFICER,
    Role.SYSTEM_ADMIN,
)
