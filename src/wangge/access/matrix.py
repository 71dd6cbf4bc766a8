"""The permission matrix: every act against every role, written out for people to check.

`python -m wangge.access.matrix > docs/permissions.md`; a test compares, and walks it.
"""

import sys
from importlib import import_module
from importlib.util import find_spec

from wangge.kernel.actors import DESK_ROLES, ROLE_NAMES, Act, Role, all_acts
from wangge.kernel.migrate import ROOMS

YES, NO = "●", "○"

HEAD = """\
# 权限表 Permissions

由 `python -m wangge.access.matrix` 从代码写出,测试会逐格核对。请改代码,不要改这里。

Written from the code by `python -m wangge.access.matrix`; a test walks every cell.
Change the code, not this page.

- **● 可以 / ○ 不可以。** 一个岗位 = 角色 + 区域(代码前缀)+ 期限。● 只在岗位的区域之内成立;
  区域之外一律当作不存在,不论什么角色。只管几栋楼、几个单元的岗位,只够到这几栋楼、这几个单元。
- ● may, ○ may not. A post is a role over an area (a code prefix) until some moment. ● holds inside
  the post's area; outside of it everything looks as if it did not exist, for every role. A post on
  single buildings or units reaches those only.
- 带 \\* 的角色坐在办公室里看别人的信息:没有第二重验证时,这些岗位一概不算数。
- Roles with \\* sit at a desk with other people's data: without a second factor such a post counts
  for nothing.
- 接口密钥只有“接入渠道”一列里的权限,再缩小到制作时勾选的那几项。
- A program's key has, of column “接入渠道” (`channel`), only what was ticked when it was made.
- “系统”是时钟、事实接力和导入程序,不是人。
- “系统” (`system`) is the clock, the relay and the importers; nobody signs in as it.
"""


def table(acts: dict[str, Act]) -> str:
    """The matrix as Markdown."""
    roles = list(Role)
    lines = ["## 角色 Roles", "", "| 代号 | 角色 |", "|---|---|"]
    lines += [f"| `{role}`{_star(role)} | {ROLE_NAMES[role]} |" for role in roles]
    room = ""
    for code in sorted(acts):
        if code.split(".")[0] != room:
            room = code.split(".")[0]
            names = " | ".join(f"{ROLE_NAMES[role]}{_star(role)}" for role in roles)
            lines += ["", f"## {room}", "", f"| | {names} |"]
            lines.append("|---|" + ":-:|" * len(roles))
        act = acts[code]
        cells = " | ".join(YES if role in act.roles else NO for role in roles)
        lines.append(f"| `{code}` {act.name} | {cells} |")
    return "\n".join(lines) + "\n"


def _star(role: Role) -> str:
    return r"\*" if role in DESK_ROLES else ""


def rooms_acts() -> dict[str, Act]:
    """The acts of the rooms imported so far (a test may declare others), by code."""
    rooms = {*ROOMS, "web"}
    return {code: act for code, act in all_acts().items() if code.split(".")[0] in rooms}


def document() -> str:
    """docs/permissions.md, of the rooms imported so far."""
    return f"{HEAD}\n{table(rooms_acts())}"


def import_acts() -> None:
    """Import every room's acts by name: also of rooms above this one, which it may not know."""
    for room in (*ROOMS, "web"):
        name = f"wangge.{room}.acts"
        if find_spec(f"wangge.{room}") is not None and find_spec(name) is not None:
            import_module(name)


if __name__ == "__main__":
    import_acts()
    sys.stdout.write(document())
