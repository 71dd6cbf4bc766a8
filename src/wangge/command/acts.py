"""Who may look at the whole of an area's work at once."""

from wangge.kernel.actors import Role, act

BOARD = act(
    "command.board",
    "查看指挥看板",
    Role.SHIFT_SUPERVISOR,
    Role.STREET_OFFICER,
    Role.DISTRICT_OFFICER,
    Role.LINKED_LEADER,
    Role.ADVISER,
    Role.GRID_HEAD,
    Role.GRID_WORKER,
    Role.ACCEPTOR,
    Role.DISPATCHER,
    Role.COMMUNITY_OFFICER,
)
