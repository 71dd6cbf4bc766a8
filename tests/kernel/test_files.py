"""Bytes without a row are swept away, never those whose row is on its way."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from wangge.kernel import files
from wangge.kernel.database import Tx
from wangge.kernel.files import Shelf, keep, register_shelf
from wangge.kernel.moments import new_id
from wangge.kernel.retention import Gone


@pytest.fixture
def shelf(tx: Tx, tmp_path: Path) -> Shelf:
    made = Shelf(tmp_path)
    register_shelf(tx.actor.district, made)
    return made


def age(shelf: Shelf, sha256: str) -> None:
    os.utime(shelf.path(sha256), (1_700_000_000, 1_700_000_000))


async def test_old_bytes_that_no_row_names_are_swept_away(tx: Tx, shelf: Shelf) -> None:
    named = (await keep(tx, shelf, new_id(), b"named", "image/jpeg")).sha256
    old, young = shelf.put(b"old"), shelf.put(b"young")
    for sha256 in (named, old):
        age(shelf, sha256)
    half = shelf.path(old).with_name(f"{old}.1.ab.part")
    half.write_bytes(b"half")
    os.utime(half, (1_700_000_000, 1_700_000_000))
    assert await files.sweep(tx, tx.now, 100) == [Gone("", 1)]
    assert sorted(shelf.hashes()) == sorted([named, young])
    assert not half.exists()


async def test_whoever_puts_the_same_bytes_again_keeps_them(tx: Tx, shelf: Shelf) -> None:
    sha256 = shelf.put(b"again")
    age(shelf, sha256)
    shelf.put(b"again")
    assert await files.sweep(tx, tx.now, 100) == [Gone("", 0)]
    assert shelf.get(sha256) == b"again"


async def test_a_photo_that_nothing_names_loses_its_row_and_one_that_is_named_does_not(
    tx: Tx, shelf: Shelf
) -> None:
    soon = files.loose_until(tx.now)
    loose, named = new_id(), new_id()
    await keep(tx, shelf, loose, b"loose", "image/jpeg", expires_at=soon)
    await keep(tx, shelf, named, b"named", "image/jpeg", expires_at=soon)
    await files.attach(tx, [named])
    assert await files.forget_loose(tx, tx.now, 10) == [Gone("", 0)]
    tx.now = soon + timedelta(seconds=1)
    assert await files.forget_loose(tx, tx.now, 10) == [Gone("", 1)]
    assert (await files.kept(tx, named)).id == named


async def test_the_same_photo_of_two_reports_stays_while_one_needs_it(
    tx: Tx, shelf: Shelf
) -> None:
    one, two = new_id(), new_id()
    sha256 = (await keep(tx, shelf, one, b"same", "image/jpeg")).sha256
    await keep(tx, shelf, two, b"same", "image/jpeg")
    age(shelf, sha256)
    await files.forget(tx, [one])
    await files.unlink(tx, {"sha256": [sha256]})
    assert shelf.get(sha256) == b"same"
    await files.forget(tx, [two])
    await files.unlink(tx, {"sha256": [sha256]})
    assert not shelf.path(sha256).exists()
