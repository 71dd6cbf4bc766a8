"""What may be done with places, and by whom."""

from wangge.kernel.actors import Role, act

STAFF: tuple[Role, ...] = tuple(
    role for role in Role if role not in (Role.CHANNEL, Role.SYSTEM)
)

READ = act("places.read", "查看区域", *STAFF)
CHANGE = act(
    "places.change", "调整区域", Role.DISTRICT_OFFICER, Role.STREET_OFFICER, Role.SYSTEM_ADMIN
)
