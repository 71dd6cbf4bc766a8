"""What to ask on the telephone about a row, in words. Pure.

A question is said to the person themselves, so it gives nothing of the register away: not a digit,
not a name, not an address that they have not said first. It accuses nobody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wangge.matching import read_id_number, read_phone
from wangge.solvers.words import Sentence, said
from wangge.verification.columns import Columns

#: Why a number cannot be read, for whoever looks at the row.
ID_WORDS: Mapping[str, str] = {
    "empty": "没有写身份证号。",
    "masked": "身份证号里有星号。",
    "rounded": "身份证号的后几位被表格改成了 0。",
    "characters": "身份证号里有不该有的字。",
    "length": "身份证号的位数不对。",
    "region": "身份证号前六位不是一个地区。",
    "date": "身份证号里的出生日期不存在。",
    "future": "身份证号里的出生日期还没有到。",
    "check": "身份证号有一位不对(校验码不符)。",
}
#: What the register says to a row, and why it is not enough.
WHY_WORDS: Mapping[str, str] = {
    "nobody": "登记里没有找到这样的人。",
    "only_name": "登记里有 {count} 位同名的人,没有第二样对得上。",
    "weak": "可能是登记里的一位,对得上的还不够。",
    "which": "登记里有 {count} 位都可能是。",
    "id_differs": "姓名对得上登记里的一位,身份证号是两个不同的号码。",
    "name_differs": "身份证号对得上登记里的一位,姓名不像。",
    "birth_differs": "姓名对得上登记里的一位,出生日期或性别不同。",
    "two_rows": "第 {row} 行和这一行姓名、电话或住址相同,身份证号是两个号码。",
    "empty": "这一行没有姓名,也没有号码。",
}
_ASK_ID = "请问您的身份证号?请一位一位念。"
_ASK_TAIL = "请问您身份证号的最后四位?"
_ASK_NAME = "请问您叫什么名字,每个字怎么写?"
_ASK_HOME = "请问您现在住哪个小区、几幢、几单元、几室?"
_ASK_BIRTH = "请问您的出生年月日?"
_ASK_SINCE = "请问您哪一天到这里的,现在住哪个小区、几幢、几单元、几室?"
_ASK_FAMILY = "请问您和户主是什么关系,出生年月日?"


@dataclass(frozen=True, slots=True)
class Question:
    """Why a row is open, what to ask, and whom: `self` (its telephone), `maker` (nobody can be
    called; ask whoever made the list)."""

    why: tuple[Sentence, ...]
    ask: tuple[Sentence, ...]
    whom: str


def question(
    cells: Sequence[str], columns: Columns, code: str, rivals: int, *, other: int = 0
) -> Question:
    """The question about one open row: `code` of WHY_WORDS, how many people it may mean, the row it is
    confused with (`two_rows`)."""
    number = columns.of(cells, "id_number")
    phone = read_phone(columns.of(cells, "phone"))
    reads = read_id_number(number)
    why: list[Sentence] = []
    if reads.problem and reads.problem != "empty":
        why.append(said(ID_WORDS[reads.problem]))
    why.append(said(WHY_WORDS[code], count=rivals, row=other))
    asks = [said(text) for text in _asks(code, columns.of(cells, "name"), reads.problem)]
    whom = "self" if phone.value else "maker"
    if whom == "maker":
        asks.insert(0, said("没有能打通的电话:请问制表人要一个电话。"))
    return Question(tuple(why), tuple(asks), whom)


def _asks(code: str, name: str, problem: str | None) -> tuple[str, ...]:
    first = () if name else (_ASK_NAME,)
    if code == "empty":
        return (_ASK_NAME, _ASK_ID)
    if code in ("id_differs", "two_rows"):
        return (*first, _ASK_TAIL)
    if code == "name_differs":
        return (_ASK_NAME, _ASK_ID)
    if code == "birth_differs":
        return (*first, _ASK_BIRTH, _ASK_TAIL)
    if code == "which":
        return (*first, _ASK_TAIL if problem else _ASK_FAMILY)
    if code == "nobody":
        return (*first, _ASK_ID, _ASK_HOME) if problem else (*first, _ASK_SINCE)
    if code == "only_name":
        return (*first, _ASK_BIRTH, _ASK_HOME)
    return (*first, _ASK_ID if problem not in (None, "empty") else _ASK_TAIL, _ASK_HOME)
