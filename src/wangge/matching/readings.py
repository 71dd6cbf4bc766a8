"""How characters are read: toneless pinyin, and what differs where surnames are read otherwise.

Only pypinyin's table of single characters is used. Its phrases (2.5 MB) would be loaded by
importing the package, and no phrase decides how a name is read.
"""

import json
import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path

#: Surnames read otherwise than the same character elsewhere.
SURNAMES = {
    "单": "shan", "仇": "qiu", "解": "xie", "曾": "zeng", "区": "ou", "朴": "piao", "查": "zha",
    "盖": "ge", "任": "ren", "华": "hua", "翟": "zhai", "冼": "xian", "洗": "xian", "缪": "miao",
    "繁": "po", "折": "she", "召": "shao", "黑": "he", "员": "yun", "贠": "yun", "佴": "nai",
    "秘": "bi", "乜": "nie", "尉": "wei", "牟": "mu", "种": "chong", "重": "chong", "适": "kuo",
    "盛": "sheng", "宓": "mi", "覃": "qin", "郇": "xun", "逄": "pang", "能": "nai", "隗": "wei",
    "谌": "chen", "晁": "chao", "燕": "yan", "令": "ling", "宁": "ning", "甯": "ning", "教": "jiao",
    "曲": "qu", "纪": "ji", "相": "xiang", "哈": "ha", "那": "na", "阚": "kan", "卜": "bu",
    "薄": "bo", "过": "guo", "应": "ying", "於": "yu", "石": "shi", "沈": "shen", "臧": "zang",
    "祭": "zhai", "车": "che", "乐": "yue", "长": "chang", "干": "gan", "莘": "shen",
    "葛": "ge", "鲜": "xian", "万": "wan", "余": "yu", "费": "fei", "柏": "bai", "洪": "hong",
    "强": "qiang", "瞿": "qu", "俞": "yu", "褚": "chu", "幸": "xing", "冯": "feng", "郗": "xi",
    "單": "shan", "區": "ou", "葉": "ye", "叶": "ye", "賁": "ben", "贲": "ben", "撒": "sa",
}  # fmt: skip

#: Surnames of one character: the hundred families and others that are met, without the rare ones that
#: rather begin a word (能, 都, 相); then the stems and branches, which samples call people by.
FAMILIES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛"
    "奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康"
    "伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵"
    "席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗"
    "宣贲邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊於惠甄曲家封芮羿储靳汲邴糜松井段富巫乌"
    "焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印"
    "宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥苍双闻莘党翟谭贡劳逄姬扶堵冉宰郦雍却璩桑桂濮牛寿通"
    "边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步耿满弘匡国文寇广"
    "禄阙东欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾阚那简饶曾毋沙乜养鞠须丰巢关蒯查荆游竺权逯盖益"
    "桓肖闫付代邸佟佘谌覃兰苟区刑岳帅亢缑仝伦冼占粟揭敬律揣迟禚原仉佴晋楚纳妥锁拜喇哈撒庹亓麦"
    "邝甯岩刀依门矫矣褟隋尧蹇苑綦贠员牟逢青谯字阳墨笪言朴鄢寸卿冶才修辜涂盘宛啜丛藏旷冮戢尉商"
    "况虎母粘练苻茆禤鹿麴隽轩郇鄞诘繁秘祭鲜"
    "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"
)  # fmt: skip

#: Surnames of two characters; the value where they are read otherwise.
DOUBLE = {
    "欧阳": "", "司马": "", "上官": "", "诸葛": "", "夏侯": "", "东方": "", "皇甫": "",
    "尉迟": "yu chi", "公孙": "", "慕容": "", "令狐": "", "长孙": "zhang sun", "宇文": "",
    "司徒": "", "司空": "", "轩辕": "", "端木": "", "南宫": "", "西门": "", "独孤": "",
    "万俟": "mo qi", "单于": "chan yu", "澹台": "tan tai", "宰父": "zai fu", "闻人": "",
    "申屠": "", "太史": "", "公羊": "", "赫连": "", "呼延": "", "濮阳": "", "淳于": "",
    "完颜": "", "拓跋": "tuo ba", "百里": "", "钟离": "", "公冶": "", "宗政": "", "闾丘": "",
    "亓官": "qi guan", "巫马": "", "乐正": "yue zheng", "漆雕": "", "东郭": "", "南门": "",
    "歐陽": "", "司馬": "", "諸葛": "",
}  # fmt: skip


@cache
def _table() -> dict[str, str]:
    found = find_spec("pypinyin")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("pypinyin is not installed")
    path = Path(found.submodule_search_locations[0]) / "pinyin_dict.json"
    return {
        chr(int(code)): readings
        for code, readings in json.loads(path.read_text(encoding="utf-8")).items()
    }


def _toneless(syllable: str) -> str:
    # ü becomes v, as on every keyboard; lü and lu are not the same sound.
    spread = unicodedata.normalize("NFD", syllable.replace("ü", "v"))
    for umlaut in "ǖǘǚǜ":
        spread = spread.replace(unicodedata.normalize("NFD", umlaut), "v")
    return "".join(c for c in spread if not unicodedata.combining(c)).replace("ê", "e")


@cache
def readings(character: str) -> tuple[str, ...]:
    """All toneless readings of one character, the commonest first; none for an unknown one."""
    known = _table().get(character)
    return tuple(dict.fromkeys(map(_toneless, known.split(",")))) if known else ()


def reading(character: str) -> str:
    """The commonest reading; the character itself where none is known."""
    known = readings(character)
    return known[0] if known else character


@cache
def near(syllable: str) -> str:
    """A syllable as people south of the Yangtze say and type it: zh/z, ch/c, sh/s, n/l, -ng/-n,
    hu-/f- are one."""
    for written, said in (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("hu", "f")):
        if syllable.startswith(written) and len(syllable) > len(written):
            syllable = said + syllable[len(written) :]
            break
    return syllable[:-1] if syllable.endswith(("ang", "eng", "ing")) else syllable
