"""What may be done with exports, and by whom (domain.md §12.4). Nobody approves one's own."""

from wangge.kernel.actors import Role, act

#: A list of people's data leaves as a file, masked.
ASK = act(
    "exports.ask",
    "导出名单(脱敏)",
    Role.GRID_HEAD,
    Role.COMMUNITY_OFFICER,
    Role.STREET_OFFICER,
    Role.DISTRICT_OFFICER,
)
#: With full names, phones or addresses; always agreed to by a second person.
FULL = act(
    "exports.full",
    "导出完整姓名和电话",
    Role.COMMUNITY_OFFICER,
    Role.STREET_OFFICER,
    Role.DISTRICT_OFFICER,
)
#: With ID numbers, where a law asks for them; always agreed to by a second person.
ID_NUMBERS = act(
    "exports.id_numbers", "导出身份证号", Role.STREET_OFFICER, Role.DISTRICT_OFFICER
)
APPROVE = act(
    "exports.approve",
    "审批导出",
    Role.STREET_OFFICER,
    Role.DISTRICT_OFFICER,
    Role.DATA_PROTECTION,
)
#: Everybody's exports and looks, in numbers and one by one.
AUDIT = act("exports.audit", "查看全部导出和查看记录", Role.DATA_PROTECTION, Role.AUDIT_ADMIN)
#: Who has seen one person's data, to tell that person (PIPL 44 and 45).
SEEN = act(
    "exports.seen",
    "查看谁看过某位居民的信息",
    Role.COMMUNITY_OFFICER,
    Role.DATA_PROTECTION,
    Role.AUDIT_ADMIN,
)
#: How long each class of data is kept: see it, hold it, let it go at once.
KEEPING = act("exports.keeping", "管理保存期限", Role.DATA_PROTECTION)
#: The pages of exports at all; which lists they show is the other acts' question.
READ = act("exports.read", "查看导出", *(ASK.roles | APPROVE.roles | AUDIT.roles))
