"""Words of the room."""

from collections.abc import Mapping

#: Where an import is.
PHASES: Mapping[str, str] = {
    "sheets": "等待选择工作表",
    "columns": "等待核对各列",
    "judging": "正在逐行核对",
    "review": "等待确认",
    "applying": "正在登记",
    "undoing": "正在撤销",
    "cancelled": "已取消",
    "undone": "已撤销",
}
#: What would become of a line.
VERDICTS: Mapping[str, str] = {
    "new": "新增",
    "changed": "有变化",
    "moved": "搬来",
    "merged": "认作同一人",
    "same": "没有变化",
    "unplaced": "待落户",
    "refused": "退回",
    "nothing": "空行",
}
#: By what somebody, or some thing, was found to be one of the register.
WHYS: Mapping[str, str] = {
    "id": "身份证号相同",
    "name_door": "同一门里姓名相同",
    "sound_door": "同一门里姓名读音或字形相近",
    "phone_name": "电话和姓名相同",
    "phone_sound": "电话相同,姓名读音或字形相近",
    "name_birth": "本社区同名同生日",
    "told": "由人指定",
    "back": "以前登记过,现在回来",
    "plate": "车牌相同",
    "let_door": "同一门牌的出租房",
    "code": "信用代码相同",
    "thing_name": "名称相同,位置不矛盾",
    "row": "",
    "empty_home": "空置房,没有人",
    "nobody": "这一行没有写人",
}
