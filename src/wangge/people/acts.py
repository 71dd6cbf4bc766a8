"""What may be done with people's data, and by whom (domain.md §3.2, §12.4)."""

from wangge.kernel.actors import Role, act

STAFF_READ = act(
    "people.staff_read",
    "查看人员和岗位",
    Role.LINKED_LEADER,
    Role.ADVISER,
    Role.GRID_HEAD,
    Role.GRID_WORKER,
    Role.ACCEPTOR,
    Role.DISPATCHER,
    Role.SHIFT_SUPERVISOR,
    Role.COMMUNITY_OFFICER,
    Role.STREET_OFFICER,
    Role.DISTRICT_OFFICER,
    Role.SYSTEM_ADMIN,
    Role.SECURITY_ADMIN,
    Role.AUDIT_ADMIN,
)
#: Accounts and standing posts.
STAFF_CHANGE = act("people.staff_change", "调整人员和岗位", Role.SYSTEM_ADMIN)
#: Helpers for a task and the teams they work in; every such post expires.
HELPERS_CHANGE = act(
    "people.helpers_change",
    "安排临时人员和队伍",
    Role.SYSTEM_ADMIN,
    Role.STREET_OFFICER,
    Role.COMMUNITY_OFFICER,
    Role.DISTRICT_OFFICER,
)
#: Residents as lists: masked names and numbers.
RESIDENT_READ = act(
    "people.resident_read",
    "查看住户(脱敏)",
    Role.LINKED_LEADER,
    Role.ADVISER,
    Role.GRID_HEAD,
    Role.GRID_WORKER,
    Role.PART_TIME_WORKER,
    Role.DOCTOR,
    Role.SOCIAL_WORKER,
    Role.COMMUNITY_OFFICER,
    Role.STREET_OFFICER,
    Role.DISTRICT_OFFICER,
    Role.DATA_PROTECTION,
)
RESIDENT_CHANGE = act(
    "people.resident_change",
    "登记住户",
    Role.GRID_HEAD,
    Role.GRID_WORKER,
    Role.COMMUNITY_OFFICER,
    Role.STREET_OFFICER,
)
#: Saying at the door that what is known is still so; changes nothing else.
CONFIRM = act(
    "people.confirm",
    "上门核实登记",
    Role.GRID_HEAD,
    Role.GRID_WORKER,
    Role.PART_TIME_WORKER,
    Role.SOCIAL_WORKER,
    Role.COMMUNITY_OFFICER,
    Role.STREET_OFFICER,
)
#: Noting, renewing and ending what somebody may need; which kinds, says the kind.
NEED_NOTE = act(
    "people.need_note",
    "登记需求标签",
    Role.GRID_HEAD,
    Role.GRID_WORKER,
    Role.DOCTOR,
    Role.SOCIAL_WORKER,
    Role.COMMUNITY_OFFICER,
    Role.STREET_OFFICER,
)
#: Deciding which needs a district knows, with their purpose, basis, days and readers.
NEEDS_DECIDE = act(
    "people.needs_decide", "规定需求标签", Role.DISTRICT_OFFICER, Role.DATA_PROTECTION
)
#: One full number at a time, with a reason, counted. Never for part-time workers.
REVEAL = act(
    "people.reveal",
    "查看完整信息",
    Role.GRID_HEAD,
    Role.GRID_WORKER,
    Role.DOCTOR,
    Role.COMMUNITY_OFFICER,
    Role.STREET_OFFICER,
)
