"""What the registers keep, for the dictionary: every kind's own fields, and who answers for it."""

from collections.abc import Mapping

from wangge.kernel.fields import FieldSpec, field
from wangge.registers.kinds import KINDS, Kind

RETENTION = "registers.things"
#: How long where a thing is and what it is called count as known.
_PLACE_DAYS = 720


def _declare(
    kind: Kind,
    name: str,
    words: str,
    meaning: str,
    *columns: str,
    value: str = "text",
    source: str = "asked",
    fresh: int | None = None,
    sensitivity: int = 2,
    also: tuple[str, ...] = (),
    codes: Mapping[str, str] | None = None,
) -> FieldSpec:
    return field(
        f"{kind.code}.{name}",
        words,
        meaning=meaning,
        source=source,
        kind=value,
        purpose=kind.purpose,
        basis=kind.basis,
        fresh_days=fresh,
        retention=RETENTION,
        sensitivity=sensitivity,
        also=also,
        columns=columns,
        codes=codes,
    )


def _of(kind: Kind) -> list[FieldSpec]:
    thing = "registers_thing."
    declared: list[FieldSpec] = []
    if kind.named:
        declared.append(
            _declare(
                kind,
                "name",
                kind.title,
                "登记证照或门头上的名称",
                thing + "name",
                fresh=_PLACE_DAYS,
                also=kind.name_also,
            )
        )
    if kind.coded:
        declared.append(
            _declare(
                kind,
                "credit_code",
                f"{kind.name}统一社会信用代码",
                "营业执照或登记证书上的 18 位代码",
                thing + "credit_code",
                source="document",
                also=("统一社会信用代码", "信用代码", "社会信用代码")
                if kind.code == "enterprise"
                else (),
            )
        )
    if kind.plated:
        declared.append(
            _declare(
                kind,
                "plate",
                "车牌号",
                "号牌号码,不带点",
                thing + "plate_sealed",
                thing + "plate_mask",
                thing + "plate_index",
                sensitivity=4,
                also=("车牌", "车牌号码", "号牌号码", "车号"),
            )
        )
    declared += [
        _declare(
            kind,
            "location",
            f"{kind.name}位置",
            "门牌之外的位置说明,如沿街、几层、哪一侧;地图上点过的也在内",
            thing + "location",
            thing + "lon",
            thing + "lat",
        ),
        _declare(
            kind,
            "address",
            f"{kind.name}地址",
            "门牌、楼幢和位置说明合起来的地址",
            source="derived",
        ),
        *(
            _declare(
                kind,
                one.name,
                one.words,
                one.meaning,
                thing + "details",
                value=one.kind,
                fresh=one.fresh_days,
                also=one.also,
                codes=one.codes,
            )
            for one in kind.details
        ),
        _declare(kind, "opened_on", kind.opened, "从哪天起", thing + "opened_on", value="date"),
        _declare(
            kind,
            "closed_on",
            f"{kind.name}注销日期",
            "哪天起不再有;空着表示还在",
            thing + "closed_on",
            value="date",
        ),
        _declare(
            kind,
            "closed_why",
            f"{kind.name}注销原因",
            "为什么不再有",
            thing + "closed_why",
            value="code",
            codes=kind.closings,
        ),
    ]
    for role, called in kind.roles.items():
        declared += [
            _declare(
                kind,
                f"{role}_name",
                f"{kind.name}{called}",
                "谁负责,从哪天到哪天;已在住户登记里的只作关联",
                "registers_person.name",
                "registers_person.name_mask",
                "registers_person.role",
                "registers_person.from_date",
                "registers_person.to_date",
                fresh=kind.people_days,
                sensitivity=3,
            ),
            _declare(
                kind,
                f"{role}_phone",
                f"{kind.name}{called}电话",
                "能找到这个人的电话",
                "registers_person.phone_sealed",
                "registers_person.phone_mask",
                "registers_person.phone_tail",
                "registers_person.phone_index",
                value="phone",
                fresh=kind.people_days,
                sensitivity=4,
            ),
        ]
    if kind.at_door:
        declared.append(
            _declare(
                kind,
                "tenants",
                f"{kind.name}租客人数",
                "登记在这套房里的人数,取自住户登记",
                value="number",
                source="derived",
                also=("租客人数", "租住人数", "承租人数"),
            )
        )
    return declared


#: Every declared field, by kind.
OF: Mapping[str, tuple[FieldSpec, ...]] = {
    code: tuple(_of(kind)) for code, kind in KINDS.items()
}
