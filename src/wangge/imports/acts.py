"""Who may bring tables into the registers."""

from wangge.imports.columns.fields import PEOPLE
from wangge.kernel.actors import Act, Role, act
from wangge.registers.acts import CHANGE

IMPORT = act(
    "imports.register",
    "导入住户和台账表格",
    Role.COMMUNITY_OFFICER,
    Role.STREET_OFFICER,
)
#: One act of those that let somebody use the pages of imports.
ANY: tuple[Act, ...] = (IMPORT, CHANGE)


def act_of(kind: str) -> Act:
    """What a table of that kind needs: a register's is brought by whoever may type into it."""
    return IMPORT if kind == PEOPLE else CHANGE


#: One act on everybody of a list.
BULK = act(
    "imports.bulk",
    "批量修改住户",
    Role.COMMUNITY_OFFICER,
    Role.STREET_OFFICER,
)
