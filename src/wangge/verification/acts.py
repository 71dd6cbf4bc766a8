"""Who may hold lists against the register. Whoever mended something cannot sign it."""

from wangge.kernel.actors import Role, act

CHECK = act(
    "verification.check",
    "核对名单",
    Role.COMMUNITY_OFFICER,
    Role.STREET_OFFICER,
    Role.DISTRICT_OFFICER,
)
SIGN = act(
    "verification.sign",
    "复核名单并签字",
    Role.COMMUNITY_OFFICER,
    Role.STREET_OFFICER,
    Role.DISTRICT_OFFICER,
)
