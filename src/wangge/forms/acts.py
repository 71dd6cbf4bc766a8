"""What may be done with the dictionary, with requests for tables, and with the contact ledger."""

from wangge.kernel.actors import Role, act

_OFFICES = (Role.COMMUNITY_OFFICER, Role.STREET_OFFICER, Role.DISTRICT_OFFICER)
_DOORS = (
    Role.GRID_HEAD,
    Role.GRID_WORKER,
    Role.PART_TIME_WORKER,
    Role.SOCIAL_WORKER,
    Role.DOCTOR,
)

READ = act(
    "forms.read",
    "查看字段字典",
    *_OFFICES,
    Role.LINKED_LEADER,
    Role.ADVISER,
    Role.GRID_HEAD,
    Role.GRID_WORKER,
    Role.SOCIAL_WORKER,
    Role.DEPARTMENT_STAFF,
    Role.SHIFT_SUPERVISOR,
    Role.DATA_PROTECTION,
    Role.AUDIT_ADMIN,
)
#: A field of one's own is a new collection of personal data: the whole district's decision.
CONFIGURE = act("forms.configure", "维护字段字典", Role.DISTRICT_OFFICER, Role.DATA_PROTECTION)
REQUEST = act(
    "forms.request",
    "提交要表需求",
    *_OFFICES,
    Role.DEPARTMENT_STAFF,
    Role.SHIFT_SUPERVISOR,
    Role.GRID_HEAD,
)
#: 准入: whether the grass roots has to fill it at all. Never by whoever asks for it.
ADMIT = act(
    "forms.admit",
    "审批要表需求",
    Role.STREET_OFFICER,
    Role.DISTRICT_OFFICER,
    Role.SHIFT_SUPERVISOR,
)
FLAG = act("forms.flag", "举报没准入的表", *_OFFICES, *_DOORS, Role.VOLUNTEER, Role.POLICE)
QUESTION = act("forms.question", "安排要问的问题", *_OFFICES)
ASK = act("forms.ask", "登记联系过住户", *_OFFICES, *_DOORS)
LEDGER = act(
    "forms.ledger",
    "查看住户联系记录",
    *_OFFICES,
    *_DOORS,
    Role.LINKED_LEADER,
    Role.DATA_PROTECTION,
)
