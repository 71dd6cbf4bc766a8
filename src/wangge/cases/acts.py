"""What may be done with cases, and by whom (domain.md §3.2, §3.3)."""

from wangge.kernel.actors import Role, act

_COMMAND = (Role.SHIFT_SUPERVISOR, Role.STREET_OFFICER, Role.DISTRICT_OFFICER)
_FIELD = (
    Role.GRID_HEAD,
    Role.GRID_WORKER,
    Role.PART_TIME_WORKER,
    Role.SOCIAL_WORKER,
)

READ = act(
    "cases.read",
    "查看事件",
    *_COMMAND,
    *_FIELD,
    Role.LINKED_LEADER,
    Role.ADVISER,
    Role.POLICE,
    Role.DOCTOR,
    Role.DEPARTMENT_STAFF,
    Role.ACCEPTOR,
    Role.DISPATCHER,
    Role.COMMUNITY_OFFICER,
    Role.CHANNEL,
)
REPORT = act(
    "cases.report",
    "上报事件",
    *_COMMAND,
    *_FIELD,
    Role.LINKED_LEADER,
    Role.ADVISER,
    Role.POLICE,
    Role.DOCTOR,
    Role.VOLUNTEER,
    Role.DEPARTMENT_STAFF,
    Role.ACCEPTOR,
    Role.DISPATCHER,
    Role.COMMUNITY_OFFICER,
    Role.CHANNEL,
)
SELF_CLOSE = act(
    "cases.self_close",
    "现场自处办结",
    Role.GRID_HEAD,
    Role.GRID_WORKER,
    Role.SOCIAL_WORKER,
    Role.COMMUNITY_OFFICER,
)
ACCEPT = act(
    "cases.accept",
    "受理立案",
    *_COMMAND,
    Role.ACCEPTOR,
    Role.COMMUNITY_OFFICER,
    Role.GRID_HEAD,
)
DISPATCH = act("cases.dispatch", "派遣", *_COMMAND, Role.DISPATCHER, Role.GRID_HEAD)
DECIDE = act("cases.decide", "审批延期与挂起", *_COMMAND, Role.DISPATCHER, Role.LINKED_LEADER)
CLOSE = act(
    "cases.close",
    "核查结案",
    *_COMMAND,
    Role.ACCEPTOR,
    Role.DISPATCHER,
    Role.COMMUNITY_OFFICER,
    Role.GRID_HEAD,
)
CALL_BACK = act("cases.call_back", "回访", *_COMMAND, Role.ACCEPTOR, Role.COMMUNITY_OFFICER)
APPEAL = act(
    "cases.appeal",
    "对考核记录提出申诉",
    Role.DEPARTMENT_STAFF,
    Role.COMMUNITY_OFFICER,
    Role.STREET_OFFICER,
    Role.DISTRICT_OFFICER,
    Role.GRID_HEAD,
)
APPEAL_CHECK = act("cases.appeal_check", "预审申诉", Role.DISPATCHER, Role.SHIFT_SUPERVISOR)
APPEAL_REVIEW = act(
    "cases.appeal_review", "主管部门复核申诉", Role.STREET_OFFICER, Role.DISTRICT_OFFICER
)
APPEAL_DECIDE = act(
    "cases.appeal_decide", "领导审定申诉", Role.LINKED_LEADER, Role.DISTRICT_OFFICER
)
IMPORT = act(
    "cases.import", "批量导入事件", Role.STREET_OFFICER, Role.DISTRICT_OFFICER, Role.ACCEPTOR
)
CONFIGURE = act("cases.configure", "维护事项分类与日历", Role.DISTRICT_OFFICER)
