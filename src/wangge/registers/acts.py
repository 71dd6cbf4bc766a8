"""What may be done with the registers of firms, premises and vehicles, and by whom."""

from wangge.kernel.actors import Role, act

#: Lists: names of firms, masked plates and numbers of people.
READ = act(
    "registers.read",
    "查看场所台账(脱敏)",
    Role.LINKED_LEADER,
    Role.ADVISER,
    Role.GRID_HEAD,
    Role.GRID_WORKER,
    Role.PART_TIME_WORKER,
    Role.SOCIAL_WORKER,
    Role.COMMUNITY_OFFICER,
    Role.STREET_OFFICER,
    Role.DISTRICT_OFFICER,
    Role.DATA_PROTECTION,
)
CHANGE = act(
    "registers.change",
    "登记场所台账",
    Role.GRID_HEAD,
    Role.GRID_WORKER,
    Role.COMMUNITY_OFFICER,
    Role.STREET_OFFICER,
)
#: Saying on the spot that what is known is still so; changes nothing else.
CONFIRM = act(
    "registers.confirm",
    "上门核实场所台账",
    Role.GRID_HEAD,
    Role.GRID_WORKER,
    Role.PART_TIME_WORKER,
    Role.SOCIAL_WORKER,
    Role.COMMUNITY_OFFICER,
    Role.STREET_OFFICER,
)
#: One full number or plate at a time, with a reason, counted with those of residents.
REVEAL = act(
    "registers.reveal",
    "查看台账完整信息",
    Role.GRID_HEAD,
    Role.GRID_WORKER,
    Role.COMMUNITY_OFFICER,
    Role.STREET_OFFICER,
)
