"""Accounts, posts and the bodies they belong to."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from wangge.kernel.actors import Role
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx, promise
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid
from wangge.kernel.settings import decided
from wangge.people import acts
from wangge.people.events import OrgAdded, PostEnded, PostGiven, StaffSuspended
from wangge.people.model import (
    HELPER_DAYS,
    HELPER_DAYS_MAX,
    HELPER_ROLES,
    LENDABLE_ROLES,
    MACHINE_ROLES,
    ORG_KINDS,
    Org,
    OrgCodeTaken,
    Post,
    PostOver,
    Staff,
    TwoAdministrators,
    clean_phone,
    mask_phone,
    seal_context,
)
from wangge.people.queries import staff as queries
from wangge.people.queries.staff import StaffRow
from wangge.people.roster import ROSTER
from wangge.places import ATLAS

NAME_MAX = 40


async def hire(
    tx: Tx, vault: Vault, name: str, phone: str = "", *, staff_id: UUID | None = None
) -> Staff:
    """Open an account for somebody who works here. What they may do comes with their posts.

    Raises Invalid, and Forbidden for whoever manages neither accounts nor helpers.
    """
    atlas = await ATLAS.get(tx)
    if not tx.reach(acts.HELPERS_CHANGE).areas:
        tx.require(acts.STAFF_CHANGE, atlas.county)
    name = name.strip()
    if not 1 <= len(name) <= NAME_MAX:
        raise Invalid.of("name", "姓名应为 1 到 {most} 个字。", most=NAME_MAX)
    made = _sealed(vault, staff_id or new_id(tx.now), name, clean_phone(phone))
    await queries.insert_staff(tx, [made])
    await tx.bump("people")
    return Staff(made.id, made.name, made.phone_mask, True)


def _sealed(vault: Vault, staff_id: UUID, name: str, phone: str) -> StaffRow:
    sealed = vault.seal(phone, seal_context(staff_id, "phone")) if phone else None
    return StaffRow(staff_id, name, sealed, mask_phone(phone))


async def set_active(tx: Tx, staff_id: UUID, active: bool) -> Staff:
    """Close an account, or open it again. A closed account holds no post that counts."""
    county = (await ATLAS.get(tx)).county
    tx.require(acts.STAFF_CHANGE, county)
    staff = await queries.lock_staff(tx, staff_id)
    await queries.save_active(tx, staff_id, active)
    await tx.bump("people")
    tx.publish(StaffSuspended(staff_id, county, active))
    return replace(staff, active=active)


async def give_post(
    tx: Tx,
    staff_id: UUID,
    role: Role,
    area_code: str,
    *,
    unit_ids: Sequence[UUID] = (),
    building_ids: Sequence[UUID] = (),
    org_id: UUID | None = None,
    until_at: datetime | None = None,
    helper: bool | None = None,
    post_id: UUID | None = None,
) -> Post:
    """Give somebody a role over an area, or over units and buildings of it only.

    A helper's post (always for part-time workers and volunteers; for police and doctors with
    `helper=True`) ends after `people.helper_days` unless `until_at` says sooner or later.
    Raises Invalid, Forbidden, NotFound, TwoAdministrators.
    """
    is_helper = role in HELPER_ROLES if helper is None else helper or role in HELPER_ROLES
    if is_helper and role not in LENDABLE_ROLES:
        raise Invalid.of("role", "这个岗位不能作为临时岗位。")
    act = acts.HELPERS_CHANGE if is_helper else acts.STAFF_CHANGE
    tx.require(act, area_code)
    await _check_area(tx, area_code)
    if role in MACHINE_ROLES:
        raise Invalid.of("role", "这个岗位不能授给人员。")
    if role is Role.DEPARTMENT_STAFF and org_id is None:
        raise Invalid.of("org_id", "部门处置人员要先选所属单位。")
    if org_id is not None and (await ROSTER.get(tx)).org(org_id) is None:
        raise Invalid.of("org_id", "没有这个单位,或它已经停用。")
    post = Post(
        post_id or new_id(tx.now),
        staff_id,
        role,
        area_code,
        tuple(unit_ids),
        tuple(building_ids),
        org_id,
        is_helper,
        tx.now,
        await _end_of(tx, until_at, is_helper),
    )
    await queries.lock_staff(tx, staff_id)
    with promise("people_post_one_administrator", otherwise=TwoAdministrators()):
        await queries.insert_posts(tx, [post])
    await tx.bump("people")
    tx.publish(PostGiven(post.id, area_code, staff_id, role, post.until_at))
    return post


async def _end_of(tx: Tx, until_at: datetime | None, helper: bool) -> datetime | None:
    if until_at is not None and until_at <= tx.now:
        raise Invalid.of("until_at", "到期时间要晚于现在。")
    if not helper:
        return until_at
    if until_at is None:
        return tx.now + timedelta(days=(await decided(tx))(HELPER_DAYS))
    if until_at > tx.now + timedelta(days=HELPER_DAYS_MAX):
        raise Invalid.of(
            "until_at", "临时岗位最长 {most} 天,到期可以再续。", most=HELPER_DAYS_MAX
        )
    return until_at


async def _check_area(tx: Tx, area_code: str) -> None:
    area = (await ATLAS.get(tx)).area(area_code)
    if area is None or not area.open:
        raise Invalid.of("area_code", "区域 {code} 不存在或已停用。", code=area_code)


async def end_post(tx: Tx, post_id: UUID) -> Post:
    """End a post now. Raises NotFound, Forbidden, PostOver."""
    post = await queries.lock_post(tx, tx.reach(acts.STAFF_READ), post_id)
    tx.require(acts.HELPERS_CHANGE if post.helper else acts.STAFF_CHANGE, post.area_code)
    if post.until_at is not None and post.until_at <= tx.now:
        raise PostOver()
    await queries.end_posts(tx, [post.id])
    await tx.bump("people")
    tx.publish(PostEnded(post.id, post.area_code, post.staff_id, post.role))
    return replace(post, until_at=max(post.from_at, tx.now))


async def add_org(
    tx: Tx,
    code: str,
    name: str,
    platform: str,
    area_code: str,
    kind: str = "station",
    *,
    org_id: UUID | None = None,
) -> Org:
    """A body that handles cases of a platform in an area. Raises Invalid, OrgCodeTaken."""
    tx.require(acts.STAFF_CHANGE, area_code)
    await _check_area(tx, area_code)
    code, name, platform = code.strip(), name.strip(), platform.strip().upper()
    if not code or not name:
        raise Invalid.of("name", "单位的代码和名称都要填。")
    if not platform.isascii() or not platform.isalpha() or not 2 <= len(platform) <= 4:
        raise Invalid.of("platform", "平台代码是 2 到 4 个大写字母,例如 GG。")
    if kind not in ORG_KINDS:
        raise Invalid.of("kind", "没有“{kind}”这种单位。", kind=kind)
    org = Org(org_id or new_id(tx.now), code, name, platform, area_code, kind)
    with promise("people_org_code", otherwise=OrgCodeTaken(code)):
        await queries.insert_orgs(tx, [org])
    await tx.bump("people")
    tx.publish(OrgAdded(org.id, area_code))
    return org


# -- many at once: imports, the demo town -------------------------------------------------------


async def load_staff(
    tx: Tx, vault: Vault, people: Sequence[tuple[UUID, str, str]], posts: Sequence[Post]
) -> int:
    """Accounts (id, name, phone) with their posts, two statements in all, without facts.

    Raises TwoAdministrators; other checks are the tables'. Answers how many posts.
    """
    await queries.insert_staff(
        tx, [_sealed(vault, id_, name, clean_phone(phone)) for id_, name, phone in people]
    )
    with promise("people_post_one_administrator", otherwise=TwoAdministrators()):
        loaded = await queries.insert_posts(tx, posts)
    await tx.bump("people")
    return loaded


async def load_orgs(tx: Tx, orgs: Sequence[Org]) -> int:
    """Many bodies in one statement, without facts."""
    loaded = await queries.insert_orgs(tx, orgs)
    await tx.bump("people")
    return loaded
