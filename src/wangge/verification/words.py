"""Codes of the room in words."""

from collections.abc import Mapping

#: What became of a row.
STATES: Mapping[str, str] = {
    "right": "核对无误",
    "proposed": "有改正建议",
    "mended": "已改正",
    "open": "要问一问",
    "settled": "已问清",
}
#: How a name is like the register's (`matching.Likeness`).
NAMES: Mapping[str, str] = {
    "same": "姓名相同",
    "written_otherwise": "姓名写法不同,是同一个",
    "same_sound": "姓名读音相同",
    "look_alike": "姓名字形相近",
    "spelled": "姓名与拼音相符",
    "hidden": "姓名有遮住的字",
    "near_sound": "姓名读音相近",
    "order": "姓名字序不同",
    "part": "姓名少一个字",
    "one_character": "姓名差一个字",
    "different": "姓名不同",
    "empty": "没有写姓名",
}
#: The other signs: field → sign → words.
SIGNS: Mapping[str, Mapping[str, str]] = {
    "id": {
        "same": "身份证号相同",
        "slip": "身份证号只差一处笔误",
        "differs": "身份证号是两个号码",
        "none": "身份证号无法比较",
    },
    "phone": {"same": "电话相同", "differs": "电话不同", "none": "电话无法比较"},
    "birth": {"same": "出生日期相同", "differs": "出生日期不同", "none": ""},
    "sex": {"same": "性别相同", "differs": "性别不同", "none": ""},
    "door": {"same": "住址相同", "differs": "住址不同", "none": "住址无法比较"},
}
#: Fields that are mended.
FIELDS: Mapping[str, str] = {"id": "身份证号", "name": "姓名", "phone": "电话", "door": "住址"}
#: Why two rows are one person.
SAME: Mapping[str, str] = {
    "person": "对上了登记里的同一个人",
    "id": "身份证号相同",
    "id_slip": "身份证号只差一处笔误,姓名相同",
    "phone_name": "姓名和电话(或住址)相同",
    "two_ids": "姓名和电话(或住址)相同,身份证号是两个号码",
}
