"""Who may bring tables into the registers."""

from wangge.kernel.actors import Role, act

IMPORT = act(
    "imports.register",
    "导入住户和台账表格",
    Role.COMMUNITY_OFFICER,
    Role.STREET_OFFICER,
)
#: One act on everybody of a list.
BULK = act(
    "imports.bulk",
    "批量修改住户",
    Role.COMMUNITY_OFFICER,
    Role.STREET_OFFICER,
)
