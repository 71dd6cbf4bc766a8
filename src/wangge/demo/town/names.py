"""Made-up names. Surnames are the heavenly stems and earthly branches: plainly samples."""

from random import Random

from wangge.demo.town.minting import pick

SURNAMES = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"
GIVEN = "青丹素碧紫墨雪霜雨云风晴朝晚春夏秋冬星月露岚溪石林松竹梅兰菊荷桂杏桃柳枫棠蔷晓清安远初知若怀"
SECOND = "禾竹松柏梅兰菊荷莲桂杏桃李柳枫桐棠薇芷蘅葵苗芽叶枝花雨雪霜露云岚霞虹晴朗明远溪泉舟帆鹤雁鹿石玉珂"

COUNTY = "样例区"
_STREETS = (
    "示范 云杏 雁禾 桐雨 鹤枫 兰霞 霞杉 棠鹿 苇晴 柏岚 葵露 露桐 芷松 枫禾 霜竹 鹿荷 "
    "琴柳 帆菊 晴蔷 岚桂 素莲 墨桃 碧芦 紫桑"
)
STREET_NAMES = tuple(name + "街道" for name in _STREETS.split())
_COMMUNITY_FIRST = "杏桐枫荷兰竹柳菊梅桂棠葵芦苇松柏莲蔷薇禾"
_COMMUNITY_SECOND = "花雨岚晴露霞汀月霜泉舟帆鹤雁鹿虹影笛"
_ROAD_FIRST = "青丹素碧紫墨雪霜雨云晴朝晚春秋星月露岚霞"
_ROAD_SECOND = "禾竹松柏梅兰菊荷莲桂杏桃柳枫桐棠薇葵鹤雁鹿舟帆"
COMPOUND_LAST = ("花园", "家园", "苑", "新村", "雅居", "里", "庭", "小区")
RIVER = "样例江"
PARK_LAST = ("口袋公园", "公园", "小游园", "绿地")


def person(rng: Random, surname: str | None = None) -> str:
    """A name such as 甲青禾."""
    first = surname or pick(rng, SURNAMES)
    given = pick(rng, GIVEN)
    second = pick(rng, SECOND)
    return first + given if given == second or rng.random() < 0.06 else first + given + second


def community_names(count: int, rng: Random) -> list[str]:
    """So many different community names; the first is always 杏花社区."""
    pool = [a + b for a in _COMMUNITY_FIRST for b in _COMMUNITY_SECOND if a + b != "杏花"]
    rng.shuffle(pool)
    pool.insert(0, "杏花")
    rounds = ("", "东", "西", "南", "北", "新")
    return [
        f"{pool[n % len(pool)]}{rounds[n // len(pool) % len(rounds)]}社区" for n in range(count)
    ]


def road_names(rng: Random) -> list[str]:
    """All road names without their last word (路, 街 …), in some order."""
    pool = [a + b for a in _ROAD_FIRST for b in _ROAD_SECOND]
    rng.shuffle(pool)
    return pool


def nickname(compound: str, community: int) -> str | None:
    """What every third estate without phases is called by people who knew what stood there."""
    if compound.endswith("期") or sum(map(ord, compound)) % 3:
        return None
    return f"老{compound[:2]}{'厂院坊塘'[community % 4]}"
