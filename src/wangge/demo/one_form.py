"""Tables of a first community that ask the same, one that somebody wants, and calls that were made."""

from datetime import timedelta
from uuid import UUID

from wangge.forms import Contact, record
from wangge.forms.model import Frequency
from wangge.forms.requests import Filing, check, file_request
from wangge.kernel.actors import Actor, Role, system_actor
from wangge.kernel.database import Database, Tx
from wangge.kernel.moments import now as clock
from wangge.people import ROSTER
from wangge.reports import Col, Draft, Filters, Measure, Rows, Spec, save

#: (name, who asks, needs, columns): seven of them are in every one, as in the seventeen tables a
#: day that a street counted (domain.md §11 row 1).
_SAME = (
    *("table.number", "resident.name", "resident.sex", "resident.age", "resident.phone"),
    *("dwelling.address", "area.grid"),
)
_TABLES: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("独居老人探访台账", "街道民政办", ("elder_alone",), ("household.size",)),
    ("重点人群服务登记表", "街道平安办", (), ("resident.tags",)),
    ("流动人口信息登记表", "派出所", (), ("resident.hukou", "household.tenure")),
)
#: Of the shops' register: whom the fire station looks for, and what runs out.
_SHOPS = (
    *("table.number", "shop.name", "shop.address", "shop.gas", "shop.gas_alarm"),
    *("shop.living_in", "shop.owner_name", "shop.owner_phone", "area.grid", "table.remark"),
)
_FACILITIES = (
    *("table.number", "facility.name", "facility.category", "facility.address"),
    *("facility.inspected_on", "facility.due_on", "facility.keeper", "area.grid"),
)
_WANTED = "序号\t姓名\t联系电话\t现住址\t是否有电动自行车\t充电位置\t备注"
#: Households somebody called lately.
_CALLED = 12


async def one_form(database: Database, code: str) -> None:
    """Write them down for a community. Running it again adds nothing."""
    async with database.tx(system_actor(database.schema), now=clock()) as tx:
        if await tx.one(int, "select count(*) from reports_report"):
            return
        roster = await ROSTER.get(tx)
        officers = roster.holders(Role.COMMUNITY_OFFICER, code, tx.now)
        if not officers:
            return
        officer = officers[0]
        tx.actor = Actor(
            officer,
            "staff",
            database.schema,
            roster.grants(officer, tx.now),
            name=roster.staff_name(officer),
        )
        await _tables(tx, code)
        checked = await check(tx, code, text=_WANTED)
        wanted = Filing(
            "电动自行车充电情况摸排表",
            "消防救援站",
            code,
            "消安委〔2026〕示例 1 号",
            Frequency.MONTHLY,
        )
        await file_request(tx, wanted, checked)
        homes = await tx.many(
            UUID,
            """
            select id from people_household
             where area_code >= :low and area_code < :low || ':' and to_date is null
             order by id limit :many
            """,
            low=code,
            many=_CALLED,
        )
        if homes:
            keys = ("resident.phone", "household.kind")
            calls = [
                Contact(home, keys, "call", "answered" if at % 3 else "nobody", "社区卫生站")
                for at, home in enumerate(homes)
            ]
            await record(tx, calls, at=tx.now - timedelta(days=2))


async def _tables(tx: Tx, code: str) -> None:
    for name, asker, tags, more in _TABLES:
        columns = tuple(map(Col, (*_SAME, *more)))
        spec = Spec(Rows.RESIDENT, columns=columns, filters=Filters(tags=tags))
        await save(tx, Draft(name, code, spec, asker))
    shops = tuple(map(Col, _SHOPS))
    gas = Filters(things={"shop.trade": "food"})
    spec = Spec(Rows.THING, columns=shops, filters=gas, register="shop")
    await save(tx, Draft("餐饮商户燃气安全排查表", code, spec, "消防救援站"))
    due = Spec(
        Rows.THING,
        columns=tuple(map(Col, _FACILITIES)),
        filters=Filters(things={"facility.due_on": "..+30"}),
        register="facility",
    )
    await save(tx, Draft("近一个月到期的设施", code, due, "街道安监办"))
    counts = Spec(
        Rows.GROUP,
        groups=("area.grid",),
        measures=(
            Measure("户数", "household"),
            Measure("人数"),
            Measure("60岁以上人数", filters=Filters(age_from=60)),
            Measure("6岁以下人数", filters=Filters(age_to=6)),
            Measure("商户数", "shop"),
            Measure("餐饮商户数", "shop", gas),
            Measure("出租房数", "rented"),
        ),
    )
    await save(tx, Draft("各网格人口情况统计表", code, counts, "街道统计站"))
