"""Who may declare a response. Whoever declares cannot approve the same one, whatever their posts."""

from wangge.kernel.actors import Role, act

READ = act(
    "responses.read",
    "查看应急响应",
    *(role for role in Role if role not in (Role.CHANNEL, Role.SYSTEM)),
)
DECLARE = act("responses.declare", "提出应急响应", Role.DISTRICT_OFFICER, Role.STREET_OFFICER)
APPROVE = act("responses.approve", "批准、延长、结束应急响应", Role.DISTRICT_OFFICER)
