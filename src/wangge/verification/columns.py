"""What the columns of somebody's list are, by the words above them."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from wangge.kernel.columns import heading_key, match_headings

#: Field → words people put above it, the surest first. `linked` is said by both ends (关联病例),
#: `source` by whoever had the contact.
FIELDS: Mapping[str, Sequence[str]] = {
    "key": (
        "编号", "病例编号", "密接编号", "人员编号", "case_id", "CaseID", "id", "序号", "No",
    ),
    "name": ("姓名", "密接姓名", "人员姓名", "接触者姓名", "名字", "name"),
    "id_number": (
        "身份证号", "身份证号码", "身份证", "公民身份号码", "证件号码", "证件号", "身份号码",
        "id_number",
    ),
    "phone": (
        "联系电话", "电话", "手机", "手机号", "手机号码", "电话号码", "联系方式", "本人电话", "phone",
    ),
    "sex": ("性别", "gender", "sex"),
    "age": ("年龄", "岁数", "age"),
    "birth": ("出生日期", "出生年月日", "生日", "出生年月", "birth"),
    "address": (
        "现住址", "现住地址", "居住地址", "现居住地", "详细地址", "家庭住址", "住址", "地址", "门牌",
        "居住地", "address",
    ),
    "linked": ("关联病例", "关联人员", "关联编号", "相互接触", "关联", "Related cases", "linked"),
    "source": (
        "密接于", "来源病例", "接触的病例", "感染来源", "密接来源", "所属病例", "来源",
        "Infection_source", "source", "from",
    ),
    "start": (
        "接触开始", "首次接触日期", "首次接触时间", "开始接触日期", "暴露开始", "接触开始日期",
        "start_source", "dt_start_exp",
    ),
    "end": (
        "最后接触日期", "末次接触日期", "末次接触时间", "最后接触时间", "接触结束", "暴露结束",
        "接触结束日期", "接触日期", "接触时间", "end_source", "dt_end_exp",
    ),
    "onset": (
        "发病日期", "发病时间", "症状出现日期", "出现症状日期", "symptom_onset",
        "date_onset_symptoms", "dt_onset", "date_of_onset",
    ),
    "note": ("备注", "说明", "接触情况", "notes"),
}  # fmt: skip
DATES = ("start", "end", "onset")
#: What a list says about people, for whoever reads a row.
WORDS: Mapping[str, str] = {
    "key": "编号",
    "name": "姓名",
    "id_number": "身份证号",
    "phone": "电话",
    "sex": "性别",
    "age": "年龄",
    "birth": "出生日期",
    "address": "住址",
    "linked": "关联的人",
    "source": "接触来源",
    "start": "接触开始",
    "end": "接触结束",
    "onset": "发病日期",
    "note": "备注",
}


@cache
def _words() -> frozenset[str]:
    return frozenset(heading_key(word) for words in FIELDS.values() for word in words)


def names_a_column(text: str) -> bool:
    """Whether a text is the name of a column of such a list (for `open_table`)."""
    return heading_key(text) in _words()


#: Words above any column, or in a list's title or purpose, that make it one of contacts, whatever
#: the rest is called: it is taken for one too often rather than too seldom.
_CONTACTS = re.compile(
    r"密接|次密|接触|暴露|病例|感染|传染|发病|症状|确诊|阳性|隔离|关联|溯源|同行|同乘|同车|"
    r"contact|expos|case|onset|symptom|infect",
    re.IGNORECASE,
)


def speaks_of_contacts(texts: Iterable[str]) -> bool:
    """Whether headings, a title or a purpose say that a list is of contacts."""
    return any(_CONTACTS.search(unicodedata.normalize("NFKC", text)) for text in texts)


@dataclass(frozen=True, slots=True)
class Columns:
    """Field → place of its column; whatever is not there is not said."""

    at: Mapping[str, int] = field(default_factory=dict[str, int])

    def of(self, cells: Sequence[str], name: str) -> str:
        """The text of one field in a row, "" where there is none."""
        at = self.at.get(name)
        return cells[at].strip() if at is not None and at < len(cells) else ""

    @property
    def of_people(self) -> bool:
        """Whether rows can be held against a register."""
        return "name" in self.at or "id_number" in self.at or "phone" in self.at

    @property
    def of_contacts(self) -> bool:
        """Whether the list says who had to do with whom: such a list needs a declared response."""
        return bool({"linked", "source", "start", "end", "onset"} & set(self.at))


def columns_of(headings: Sequence[str]) -> Columns:
    """A guess, which whoever brings the list may correct."""
    found = match_headings(headings, FIELDS)
    places = {heading: at for at, heading in reversed(list(enumerate(headings)))}
    return Columns({name: places[called[0]] for name, called in found.items()})
