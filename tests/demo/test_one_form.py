"""The demonstration shows tables that ask the same, one that waits, and calls that were made."""

import small_town as town
from wangge.demo.one_form import one_form
from wangge.kernel.actors import system_actor
from wangge.kernel.http import District
from wangge.reports.overview import overview


async def test_the_first_community_has_tables_and_a_request_that_waits(
    own_district: District,
) -> None:
    await one_form(own_district.database, town.XINGHUA)
    await one_form(own_district.database, town.XINGHUA)
    async with own_district.database.tx(system_actor("town"), read_only=True) as tx:
        seen = await tx.many(str, "select state from forms_request")
        calls = await tx.one(int, "select count(*) from forms_contact")
        reports = await tx.one(int, "select count(*) from reports_report")
        personal = await tx.one(int, "select count(*) from reports_report where personal")
    assert (seen, calls, reports, personal) == (["waiting"], 12, 6, 4)
    async with own_district.database.tx(system_actor("town")) as tx:
        found = await overview(tx)
    # Two are about a register: shops with whom to call, and what has to be inspected.
    assert sorted(r.spec["register"] for r in found.reports if r.spec["register"]) == [
        "facility",
        "shop",
    ]
    (group,) = found.together
    assert (len(group.reports), len(group.columns)) == (3, 6)
