"""Photos: made small, plain and silent; what is no photo is refused with a way out."""

import hashlib
import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from PIL import Image, ImageDraw

from wangge.kernel.images import (
    HeicUnreadable,
    NotAPhoto,
    Photo,
    PhotoDamaged,
    PhotoTooLarge,
    PhotoTooManyPixels,
    clean_photo,
    sniff,
    thumbnail,
)
from wangge.kernel.refusals import Refusal

RED, BLUE = (255, 0, 0), (0, 0, 255)


def picture(mode: str = "RGB", size: tuple[int, int] = (80, 40)) -> Image.Image:
    """Left half red, right half blue."""
    image = Image.new("RGB", size, RED)
    ImageDraw.Draw(image).rectangle((size[0] // 2, 0, *size), fill=BLUE)
    return image.convert(mode)


def written(image: Image.Image, kind: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(photo: Photo) -> Image.Image:
    image = Image.open(BytesIO(photo.data))
    assert image.format == "JPEG"
    assert image.mode == "RGB"
    assert image.size == (photo.width, photo.height)
    assert photo.sha256 == hashlib.sha256(photo.data).hexdigest()
    return image


def near(seen: object, wanted: tuple[int, int, int]) -> bool:
    assert isinstance(seen, tuple)
    return all(abs(a - b) < 40 for a, b in zip(seen, wanted, strict=True))


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        *(("JPEG", "RGB"), ("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "RGB"), ("PNG", "RGBA")),
        *(("PNG", "P"), ("PNG", "LA"), ("PNG", "1"), ("WEBP", "RGB"), ("WEBP", "RGBA")),
        ("GIF", "P"),
    ],
)
def test_photos_of_every_kind_become_plain_jpegs(kind: str, mode: str) -> None:
    image = opened(clean_photo(written(picture(mode), kind)))
    assert image.size == (80, 40)
    if mode in ("RGB", "RGBA", "P", "CMYK"):
        assert near(image.getpixel((10, 20)), RED)
        assert near(image.getpixel((70, 20)), BLUE)


def test_a_large_photo_is_made_small_and_a_small_one_left_alone() -> None:
    large = clean_photo(written(picture(size=(4000, 3000)), "JPEG"))
    assert (large.width, large.height) == (1600, 1200)
    tall = clean_photo(written(picture(size=(300, 3000)), "PNG"), longest=100)
    assert (tall.width, tall.height) == (10, 100)
    small = clean_photo(written(picture(size=(30, 20)), "PNG"))
    assert (small.width, small.height) == (30, 20)


def test_the_photo_says_nothing_of_place_time_or_telephone() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretMaker"
    exif[0x0132] = "2026:03:02 09:00:00"
    exif.get_ifd(0x8825)[2] = (30.0, 7.0, 12.0)
    exif.get_ifd(0x8825)[29] = "2026:03:02"
    data = written(picture(), "JPEG", exif=exif, comment=b"SecretNote", icc_profile=b"icc" * 9)
    assert b"SecretMaker" in data
    assert b"SecretNote" in data
    photo = clean_photo(data + b"<script>hidden after the picture</script>")
    image = opened(photo)
    assert not image.getexif()
    assert image.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"} | {
        "progressive",
        "progression",
    }
    for secret in (b"Secret", b"Exif", b"icc", b"script", b"2026"):
        assert secret not in photo.data
    text = written(picture(), "PNG", pnginfo=None, exif=exif)
    assert b"Exif" not in clean_photo(text).data


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_taken_sideways_stands_upright(kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it a quarter clockwise
    image = opened(clean_photo(written(picture(), kind, exif=exif)))
    assert image.size == (40, 80)
    assert near(image.getpixel((20, 10)), RED)
    assert near(image.getpixel((20, 70)), BLUE)


def test_what_is_see_through_lies_on_white() -> None:
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    assert near(opened(clean_photo(written(clear, "PNG"))).getpixel((5, 5)), (255, 255, 255))


def test_sixteen_bits_do_not_turn_white() -> None:
    grey = Image.new("I;16", (20, 20), 0x4000)
    assert near(opened(clean_photo(written(grey, "PNG"))).getpixel((5, 5)), (64, 64, 64))


def test_of_a_moving_picture_the_first_frame_is_kept() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in (RED, BLUE)]
    for kind in ("GIF", "WEBP", "PNG"):
        data = written(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
        assert near(opened(clean_photo(data)).getpixel((5, 5)), RED)


def test_the_same_photo_is_cleaned_to_the_same_bytes() -> None:
    data = written(picture(), "PNG")
    assert clean_photo(data) == clean_photo(data)


def test_a_thumbnail_fits_its_square() -> None:
    small = thumbnail(clean_photo(written(picture(size=(800, 400)), "JPEG")), side=100)
    assert opened(small).size == (100, 50)


def test_too_many_bytes_are_refused_before_anything_is_read() -> None:
    with pytest.raises(PhotoTooLarge) as refused:
        clean_photo(b"\0" * 12_000_001)
    assert (refused.value.size_mb, refused.value.limit_mb) == (13, 12)
    assert "12 MB" in refused.value.words()
    assert refused.value.code == "photo-too-large"


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims any size."""

    def chunk(name: bytes, body: bytes) -> bytes:
        checksum = zlib.crc32(name + body)
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", checksum)

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + body + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("size", "megapixels"),
    [((9000, 9000), 81), ((10_000, 10_000), 100), ((40_000, 10), 1), ((60_000, 60_000), 3600)],
)
def test_a_bomb_is_refused_by_what_it_claims(size: tuple[int, int], megapixels: int) -> None:
    with pytest.raises(PhotoTooManyPixels) as refused:
        clean_photo(png_claiming(*size))
    assert (refused.value.megapixels, refused.value.limit) == (megapixels, 40)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF:UserWarning")
def test_a_photo_with_broken_metadata_is_still_a_photo() -> None:
    for exif in (b"Exif\0\0garbage", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\0\0"):
        opened(clean_photo(written(picture(), "JPEG", exif=exif)))


@pytest.mark.parametrize(
    ("data", "seems"),
    [
        (b"", "空文件"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "矢量图"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><svg/>', "XML"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "网页"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04....", "Office"),
        (b"\0\0\0\x18ftypmp42", "视频"),
        (b"BM" + b"\0" * 60, "别的"),
        (b"\x00\x01\x02", "别的"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "别的"),
        (b"II*\0" + b"\0" * 60, "别的"),
    ],
)
def test_what_is_no_photo_is_refused_with_a_guess(data: bytes, seems: str) -> None:
    with pytest.raises(NotAPhoto) as refused:
        clean_photo(data)
    assert seems in refused.value.words()
    assert refused.value.status == 415


def test_a_picture_format_nobody_photographs_in_is_refused() -> None:
    for kind in ("BMP", "TIFF", "ICO", "PPM"):
        with pytest.raises(NotAPhoto):
            clean_photo(written(picture(), kind))


def test_a_heic_photo_is_refused_with_the_way_out() -> None:
    with pytest.raises(HeicUnreadable) as refused:
        clean_photo(b"\0\0\0\x18ftypheic" + b"\0" * 100)
    assert "兼容性最佳" in refused.value.words()
    assert "HEIC" in refused.value.words("en")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_half_a_photo_is_refused(kind: str) -> None:
    data = written(picture(size=(300, 300)).effect_spread(90), kind)
    for part in (len(data) // 2, 40, 12):
        with pytest.raises(PhotoDamaged):
            clean_photo(data[:part])


WHOLE = {
    kind: written(picture(size=(60, 60)).effect_spread(20), kind)
    for kind in ("JPEG", "PNG", "WEBP", "GIF")
}


@settings(deadline=None, max_examples=150)
@given(
    some.sampled_from(sorted(WHOLE)),
    some.lists(some.tuples(some.floats(0, 0.999), some.integers(0, 255)), max_size=6),
    some.floats(0, 1),
)
def test_broken_bytes_are_refused_and_never_a_bug(
    kind: str, changes: list[tuple[float, int]], keep: float
) -> None:
    data = bytearray(WHOLE[kind])
    for place, value in changes:
        data[int(place * len(data))] = value
    try:
        photo = clean_photo(bytes(data[: int(len(data) * keep) + 1]))
    except Refusal:
        return
    opened(photo)


def test_bytes_are_told_by_what_they_are() -> None:
    assert sniff(WHOLE["JPEG"]) == "jpeg"
    assert sniff(WHOLE["WEBP"]) == "webp"
    assert sniff(b"RIFF....WAVE") is None
    assert sniff(b"") is None
