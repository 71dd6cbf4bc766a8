"""What can be said of a row: why it cannot be taken, and what was done with it. Codes with words;
the words are made when somebody reads them, in their language.

What the registers say of a field of theirs (`Problem`) has the code `bad.` or `noted.` and the
field's key, and brings its own words along.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from wangge.kernel.i18n import Locale, translate
from wangge.kernel.refusals import Problem

#: What begins the code of something that a register's own words say.
BAD, REMARK = "bad.", "noted."


class Trouble(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing about one row: a key of `REFUSED` or `NOTED`, the target it is about, and what its
    sentence needs."""

    code: str
    key: str = ""
    values: Mapping[str, Any] = msgspec.field(default_factory=dict[str, Any])

    @property
    def refuses(self) -> bool:
        """Whether the row cannot be taken because of it."""
        return refuses(self.code)

    def words(self, locale: Locale = "zh") -> str:
        """The sentence."""
        values = dict(self.values)
        said = values.pop("said", "") or REFUSED.get(self.code) or NOTED[self.code]
        return translate(locale, said, **values)


def of_problem(problem: Problem, *, refuses: bool) -> Trouble:
    """What a register says of a row."""
    code = f"{BAD if refuses else REMARK}{problem.field}"
    return Trouble(code, problem.field, {**(problem.values or {}), "said": problem.words})


def refuses(code: str) -> bool:
    """Whether a row of which this is said cannot be taken."""
    return code in REFUSED or code.startswith(BAD)


#: Why a row is not taken, each with the way out.
REFUSED: Mapping[str, str] = {
    "no_name": "没有姓名,请补上。",
    "name_long": "姓名超过 {most} 个字,请核对是不是填错了列。",
    "id_check": "身份证号最后一位校验码不符,多半有一位抄错,请核对证件。",
    "id_length": "身份证号应为 18 位(旧号 15 位),这里是 {length} 位。",
    "id_characters": "身份证号里有不该有的字符,请核对。",
    "id_masked": "身份证号带星号,不完整。请填全或清空。",
    "id_rounded": "身份证号被 Excel 改成了数字,末几位已丢失。请按文本重填或清空。",
    "id_region": "身份证号开头不是行政区划代码,请核对。",
    "id_date": "身份证号里的出生日期不存在,请核对。",
    "id_future": "身份证号里的出生日期晚于今天,请核对。",
    "birth_no_such_day": "没有“{text}”这一天,请核对出生日期。",
    "birth_unreadable": "看不懂出生日期“{text}”,请写成 1990-01-31,或清空。",
    "birth_future": "出生日期晚于今天,请核对。",
    "since_unreadable": "看不懂入住日期“{text}”,请写成 2024-03-01,或清空。",
    "id_twice": "身份证号和第 {row} 行的相同,姓名却不同,请核对是谁填错了。",
    "two_homes": "这个人在第 {row} 行已列在另一户。一人只能住一户,请留一处。",
    "home_size": "这一户人太多,请核对是不是几户写成了一户;宿舍请把户类型填成集体户。",
    "id_other_name": "这个身份证号已登记在“{name}”名下,姓名不同,请核对。",
    "id_differs": "电话和姓名像是已登记的“{name}”,身份证号却不同,请核对。",
    "elsewhere": "这个人已登记在您的责任范围以外,请先联系社区专干办理迁移。",
    "dead": "这个人已登记为去世,请核对。",
    "several": "像是已登记的几个人中的一个,请选定是谁,或选“不是他们”。",
    "out_of_reach": "这个门不在您的责任范围内。",
    "changed_meanwhile": "登记时发现别人刚改过这条记录,没有动它。请重新核对。",
}
#: What was done, or left out, without stopping the row.
NOTED: Mapping[str, str] = {
    "same_row": "和第 {row} 行完全相同,只登记一次。",
    "old_id": "15 位旧号已换成 18 位。",
    "birth_of_id": "出生日期和身份证号不符,以身份证号为准。",
    "sex_of_id": "性别和身份证号不符,以身份证号为准。",
    "sex_unknown": "看不懂性别“{text}”,没有记。",
    "phone_bad": "电话“{text}”不是电话号码,没有记。",
    "phone_several": "一格里有 {count} 个电话,只记第一个手机。",
    "relation_unknown": "看不懂与户主关系“{text}”,记作其他。",
    "hukou_unknown": "看不懂户籍情况“{text}”,没有记。",
    "tenure_unknown": "看不懂“{text}”,没有记。",
    "kind_unknown": "看不懂户类型“{text}”,记作家庭户。",
    "tag_unknown": "“{text}”不是需求标签,没有记(系统只记需要什么帮助,不记病名和身份)。",
    "tag_consent": "“{name}”要本人同意才能记,没有说明怎样同意的,没有记。",
    "id_kind": "证件不是身份证,按{kind}登记。",
    "namesake": "别处有同名同生日的人,没有当作同一人。",
    "door_likely": "门牌按“{door}”理解({score}%)。",
    "door_new": "将新建门牌 {door}。",
    "door_perhaps": "门牌像是“{door}”({score}%),拿不准,先写进位置说明。对的话,请改这一行、指明门牌。",
    "door_in_words": "没有对上门牌,“{text}”写进位置说明。",
    "name_note": "姓名后面的“{text}”没有记。",
    "cell_error": "单元格是公式错误,当作空白。",
}
