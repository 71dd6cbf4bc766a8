"""What a column of a register's table can be."""

from collections.abc import Mapping

from wangge.registers.kinds import Kind


def targets(kind: Kind) -> dict[str, tuple[str, tuple[str, ...]]]:
    """What a column can be → its Chinese name, and the words people put above it, the surest first.

    `d.` begins the kind's own fields, `n.` the name and `p.` the phone of whoever answers for it.
    """
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    if kind.named:
        found["name"] = (kind.title, (kind.title, *kind.name_also, f"{kind.name}名称", "名称"))
    if kind.coded:
        found["credit_code"] = (
            "统一社会信用代码",
            (
                *("统一社会信用代码", "信用代码", "社会信用代码", "统一信用代码", "营业执照号"),
                *("营业执照编号", "营业执照注册号", "注册号", "工商注册号"),
            ),
        )
    if kind.plated:
        found["plate"] = ("车牌号", ("车牌号", "车牌", "车牌号码", "号牌号码", "车号"))
    found["door"] = (
        "门牌",
        (
            *("门牌", "门牌号", "地址", "详细地址", "经营地址", "房屋地址", "住址", "所在地址"),
            *("注册地址", "经营场所", "单位地址", "停放地址"),
        ),
    )
    found["location"] = ("位置说明", ("位置说明", "位置", "具体位置"))
    for one in kind.details:
        found[f"d.{one.name}"] = (one.words, (one.words, *one.also))
    found["opened_on"] = (kind.opened, (kind.opened,))
    for at, (role, called) in enumerate(kind.roles.items()):
        plain = ("姓名", "负责人", "联系人") if at == 0 else ()
        numbers = (
            ("联系电话", "电话", "手机号码", "手机号", "手机", "联系方式") if at == 0 else ()
        )
        found[f"n.{role}"] = (f"{called}姓名", (f"{called}姓名", called, *plain))
        found[f"p.{role}"] = (
            f"{called}电话",
            (f"{called}电话", f"{called}手机", f"{called}联系电话", *numbers),
        )
    return found


def called(kind: Kind) -> Mapping[str, str]:
    """What a difference, or a problem, is about → its Chinese name; `r.` is a role."""
    return {
        **{key: name for key, (name, _) in targets(kind).items()},
        **{f"r.{role}": words for role, words in kind.roles.items()},
        "row": "整行",
    }
