"""Photos as they come: cleaned off the event loop, kept under an id the sender chose."""

import asyncio
from uuid import UUID, uuid5

from litestar.datastructures import FormMultiDict, UploadFile
from msgspec import Struct

from wangge.kernel.files import keep, loose_until
from wangge.kernel.http.asking import Asking
from wangge.kernel.images import clean_photo
from wangge.kernel.refusals import Busy, Invalid

#: Bytes of a photo as it comes; what is kept is much smaller.
PHOTO_BYTES_MAX = 12_000_000
#: Bytes of a form with its photos.
FORM_BYTES_MAX = 25_000_000
#: Photos one process cleans at once: each may take 100 MB and a core for a moment.
PHOTOS_AT_ONCE = 2
#: Photos that may wait; more are told to come back.
PHOTOS_WAITING_MAX = 50


class PhotoKept(Struct):
    id: UUID
    bytes: int
    width: int
    height: int


class _Darkroom:
    """Where photos are cleaned: few at a time, few waiting, off the event loop."""

    def __init__(self) -> None:
        self._door = asyncio.Semaphore(PHOTOS_AT_ONCE)
        self._waiting = 0

    async def keep(self, who: Asking, id_: UUID, data: bytes) -> PhotoKept:
        if self._waiting >= PHOTOS_WAITING_MAX:
            raise Busy(retry_after=5)
        self._waiting += 1
        try:
            async with self._door:
                photo = await asyncio.to_thread(clean_photo, data, max_bytes=PHOTO_BYTES_MAX)
        finally:
            self._waiting -= 1
        async with who.tx() as tx:
            file = await keep(
                tx,
                who.district.shelf,
                id_,
                photo.data,
                "image/jpeg",
                width=photo.width,
                height=photo.height,
                expires_at=loose_until(tx.now),
            )
            if file.by_id != who.actor.id or file.sha256 != photo.sha256:
                raise Invalid.of("id", "这个照片编号已经用过,请重新选择照片。")
        return PhotoKept(id_, file.bytes, photo.width, photo.height)


_darkroom = _Darkroom()


async def keep_photo(who: Asking, id_: UUID, data: bytes) -> PhotoKept:
    """Clean and keep a photo under an id the sender minted; the same photo twice is harmless.
    For pages of residents too, who limit themselves how often. Raises the refusals of
    kernel.images, Busy, Invalid."""
    return await _darkroom.keep(who, id_, data)


async def form_photos(
    who: Asking, form: FormMultiDict, form_id: UUID, most: int
) -> tuple[UUID, ...]:
    """Keep the pictures of a form's field `photos`. Their ids follow from the form's, so that a form
    sent twice keeps them once. Raises Invalid when there are too many, and what `keep_photo` does."""
    sent = [
        file
        for file in form.getall("photos", [])
        if isinstance(file, UploadFile) and (file.filename or "")
    ]
    if len(sent) > most:
        raise Invalid.of("photos", "照片最多 {most} 张。", most=most)
    kept: list[UUID] = []
    for number, file in enumerate(sent):
        data = await file.read()
        if data:
            photo = await keep_photo(who, uuid5(form_id, f"photo {number}"), data)
            kept.append(photo.id)
    return tuple(kept)
