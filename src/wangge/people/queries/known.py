"""Who of the register the rows of a list may mean, in one statement."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from wangge.kernel.database import Tx

#: People who share a telephone that are looked at; a village's one phone is no evidence.
SHARED_MAX = 8


@dataclass(frozen=True, slots=True)
class Known:
    """A resident with their household, as far as a list is compared with them."""

    id: UUID
    household_id: UUID
    dwelling_id: UUID
    unit_id: UUID
    area_code: str
    door: str
    name: str
    name_mask: str
    sex: str
    birth_date: date | None
    birth_year: int | None
    phone_index: bytes | None
    phone_mask: str
    id_index: bytes | None
    id_mask: str
    relation: str
    hukou: str
    hukou_place: str
    workplace: str
    since: date
    ended_why: str
    tags: tuple[str, ...]
    version: int
    home_kind: str
    tenure: str
    label: str
    landlord_name: str
    landlord_phone_index: bytes | None
    home_ended: bool
    home_version: int


async def known(
    tx: Tx,
    *,
    ids: Sequence[bytes],
    phones: Sequence[bytes],
    births: Iterable[tuple[str, date]],
    dwellings: Sequence[UUID],
    people: Sequence[UUID] = (),
) -> list[Known]:
    """Everybody with one of these identity numbers or telephones, everybody who lives here, sounds
    like that and was born on that day, and everybody who lives behind these doors.

    Somebody merged into another is that other. The actor is the system: whoever asks must be told
    nothing of those outside of their reach.
    """
    namesakes = sorted(set(births))
    return await tx.many(
        Known,
        """
        with wanted as (
             select coalesce(merged_into, id) as id from people_resident
              where id_index = any (:ids::bytea[])
             union
             select s.id from unnest(:phones::bytea[]) w(phone)
              cross join lateral (select coalesce(t.merged_into, t.id) as id
                                    from people_resident t
                                   where t.phone_index = w.phone limit :shared) s
             union
             select t.id
               from unnest(:sounds::text[], :years::int[], :days::date[]) w(sound, year, born)
               join people_resident t on t.sound = w.sound and t.birth_year = w.year
                and t.birth_date = w.born and t.ended_on is null
             union
             select t.id from people_household h
               join people_resident t on t.household_id = h.id and t.ended_on is null
              where h.dwelling_id = any (:dwellings::uuid[]) and h.to_date is null
             union
             select unnest(:people::uuid[]))
        select t.id, t.household_id, h.dwelling_id, t.unit_id, t.area_code, d.name as door,
               t.name, t.name_mask, t.sex, t.birth_date, t.birth_year, t.phone_index,
               t.phone_mask, t.id_index, t.id_mask, t.relation, t.hukou, t.hukou_place,
               t.workplace, t.since, t.ended_why, t.tags, t.version, h.kind as home_kind,
               h.tenure, h.label, h.landlord_name, h.landlord_phone_index,
               (h.to_date is not null) as home_ended, h.version as home_version
          from wanted w
          join people_resident t on t.id = w.id
          join people_household h on h.id = t.household_id
          join places_dwelling d on d.id = h.dwelling_id
        """,
        ids=list(dict.fromkeys(ids)),
        phones=list(dict.fromkeys(phones)),
        shared=SHARED_MAX,
        sounds=[sound for sound, _ in namesakes],
        years=[born.year for _, born in namesakes],
        days=[born for _, born in namesakes],
        dwellings=list(dict.fromkeys(dwellings)),
        people=list(people),
    )
