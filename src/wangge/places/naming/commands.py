"""Giving and taking nicknames; renaming an estate, whose old name stays as a nickname."""

from uuid import UUID

from wangge.kernel.database import Tx, promise
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import NotFound
from wangge.matching.addresses import key_of, spelled
from wangge.places import acts, names
from wangge.places.events import AliasAdded, AliasRemoved, CompoundRenamed
from wangge.places.naming import queries
from wangge.places.naming.model import Alias, AliasTaken, Of, tidy_name
from wangge.places.naming.queries import Thing


async def add_alias(tx: Tx, of: Of, thing_id: UUID, name: str) -> Alias:
    """A nickname for an estate or a house.

    Raises NotFound, Forbidden, Invalid, and AliasTaken when another estate of the community, or
    another house of the estate, is called so already.
    """
    thing = await _thing(tx, of, thing_id)
    name = tidy_name(name)
    await _must_be_free(tx, of, thing, name)
    alias = await _insert(tx, of, thing, name)
    await tx.bump(names.VERSION)
    tx.publish(AliasAdded(alias.id, alias.area_code))
    return alias


async def remove_alias(tx: Tx, alias_id: UUID) -> Alias:
    """Take a nickname away. Raises NotFound, Forbidden."""
    try:
        alias = await queries.alias(tx, tx.reach(acts.READ), alias_id)
    except NotFound:
        raise NotFound("这个别名") from None
    tx.require(acts.NAME, alias.area_code)
    await queries.delete_alias(tx, alias.id)
    await tx.bump("places")
    await tx.bump(names.VERSION)
    tx.publish(AliasRemoved(alias.id, alias.area_code))
    return alias


async def rename_compound(tx: Tx, compound_id: UUID, name: str) -> Thing:
    """Another name for an estate; lists with the old one are still read.

    Raises NotFound, Forbidden, Invalid, AliasTaken.
    """
    thing = await _thing(tx, "compound", compound_id)
    name = tidy_name(name)
    if name == thing.name:
        return thing
    await _must_be_free(tx, "compound", thing, name, own_alias=True)
    becomes = await queries.own_alias(tx, thing.id, name)
    if becomes is not None:
        await queries.delete_alias(tx, becomes)
    await queries.save_compound_name(tx, thing.id, name)
    await _insert(tx, "compound", thing, thing.name)
    await tx.bump(names.VERSION)
    tx.publish(CompoundRenamed(thing.id, thing.area_code))
    return Thing(thing.id, thing.group_id, thing.area_code, name)


async def _thing(tx: Tx, of: Of, thing_id: UUID) -> Thing:
    look = queries.compound if of == "compound" else queries.building
    try:
        thing = await look(tx, tx.reach(acts.READ), thing_id)
    except NotFound:
        raise NotFound("这个小区" if of == "compound" else "这幢楼") from None
    tx.require(acts.NAME, thing.area_code)
    return thing


async def _must_be_free(
    tx: Tx, of: Of, thing: Thing, name: str, *, own_alias: bool = False
) -> None:
    if of == "compound":
        community = thing.area_code[:12]
        await queries.lock_names(tx, community)
        called = await queries.called_in_community(tx, community)
    else:
        await queries.lock_names(tx, str(thing.group_id))
        called = await queries.called_in_compound(tx, thing.group_id)
    for one in called:
        if _meant(of, one.called) == _meant(of, name) and not (
            own_alias and one.id == thing.id
        ):
            raise AliasTaken(name, one.name)


async def _insert(tx: Tx, of: Of, thing: Thing, name: str) -> Alias:
    alias = Alias(
        new_id(tx.now),
        thing.id if of == "compound" else None,
        thing.id if of == "building" else None,
        thing.area_code,
        name,
        tx.now,
    )
    constraint = f"places_alias_once_for_a_{of}"
    with promise(constraint, otherwise=AliasTaken(name, thing.name)):
        await queries.insert_alias(
            tx,
            id=alias.id,
            compound_id=alias.compound_id,
            building_id=alias.building_id,
            area_code=alias.area_code,
            name=alias.name,
            added_at=alias.added_at,
        )
    await tx.bump("places")  # lists of doors that are held in memory know it by this name too
    return alias


def _meant(of: Of, name: str) -> str:
    """What a name means to whoever reads a list: 二号楼 and 2幢 are one house."""
    return (key_of(name) if of == "building" else None) or spelled(name)
