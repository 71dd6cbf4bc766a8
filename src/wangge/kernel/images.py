"""Photos: what a phone sends, made small, plain and silent about where it was taken.

Nothing that arrives is kept as it came. The bytes are told by what they are, never by a name
or a header; the declared size is read before a single pixel is; the first frame is turned
upright, shrunk, flattened on white and written anew as a plain JPEG. What is not a pixel
(place, time, telephone, thumbnails, comments, colour profiles, anything hidden after the
picture) is therefore gone.

This is CPU work, a tenth of a second to a second a photo: call it in a thread.
"""

import hashlib
import re
import struct
from dataclasses import dataclass
from io import BytesIO
from typing import ClassVar

from PIL import Image, ImageOps

from wangge.kernel.refusals import Refusal


@dataclass(eq=False)
class PhotoTooLarge(Refusal):
    says: ClassVar[str] = (
        "照片太大({size_mb} MB),请拍小一点的照片,或在手机里压缩后再传,上限 {limit_mb} MB。"
    )
    status: ClassVar[int] = 413
    size_mb: int
    limit_mb: int


@dataclass(eq=False)
class PhotoTooManyPixels(Refusal):
    says: ClassVar[str] = (
        "照片有 {megapixels} 百万像素,超过 {limit} 百万,请用普通拍照模式重拍,不要用全景或超高清。"
    )
    status: ClassVar[int] = 413
    megapixels: int
    limit: int


@dataclass(eq=False)
class NotAPhoto(Refusal):
    says: ClassVar[str] = "这不是照片(看起来是{seems}),请上传 JPG、PNG、WebP 格式的照片。"
    status: ClassVar[int] = 415
    seems: str


@dataclass(eq=False)
class HeicUnreadable(Refusal):
    says: ClassVar[str] = (
        "这张照片是 HEIC 格式,系统打不开。请在手机的相机设置里选“兼容性最佳”后重拍,"
        "或截图后上传截图。"
    )
    status: ClassVar[int] = 415


@dataclass(eq=False)
class PhotoDamaged(Refusal):
    says: ClassVar[str] = "照片不完整或已损坏,可能是传到一半断了网。请重新拍一张或再传一次。"
    status: ClassVar[int] = 422


@dataclass(frozen=True, slots=True)
class Photo:
    """A clean JPEG without metadata. ``sha256`` is of ``data``, in hex."""

    data: bytes
    width: int
    height: int
    sha256: str


_DECODERS = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP", "gif": "GIF", "heic": "HEIF"}
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
_LARGEST_SIDE = 30_000


def clean_photo(
    data: bytes,
    *,
    max_bytes: int = 12_000_000,
    max_pixels: int = 40_000_000,
    longest: int = 1600,
    quality: int = 82,
) -> Photo:
    """The photo as we keep it: upright, at most ``longest`` pixels a side, nothing but pixels.

    Raises PhotoTooLarge, PhotoTooManyPixels, NotAPhoto, HeicUnreadable or PhotoDamaged. A
    JPEG that breaks off is refused too: half a photo proves nothing, and the phone still has
    the whole one.
    """
    if len(data) > max_bytes:
        raise PhotoTooLarge(-(-len(data) // 1_000_000), max_bytes // 1_000_000)
    return _encoded(_upright(data, max_pixels=max_pixels, longest=longest), quality)


def thumbnail(photo: Photo, *, side: int = 240, quality: int = 75) -> Photo:
    """A small one for lists: the photo inside a square of ``side`` pixels."""
    return _encoded(_upright(photo.data, max_pixels=40_000_000, longest=side), quality)


def sniff(data: bytes) -> str | None:
    """What picture the bytes are: jpeg, png, webp, gif, heic; or None."""
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "webp"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS:
        return "heic"
    return None


def _upright(data: bytes, *, max_pixels: int, longest: int) -> Image.Image:
    kind = sniff(data)
    if kind is None:
        raise NotAPhoto(_seems(data))
    decoder = _DECODERS[kind]
    if decoder not in Image.OPEN:
        Image.init()
    if decoder not in Image.OPEN:
        raise HeicUnreadable
    try:
        # Opening reads the head of the file; no pixel is decoded before the check.
        with Image.open(BytesIO(data), formats=(decoder,)) as image:
            width, height = image.size
            if width * height > max_pixels or max(width, height) > _LARGEST_SIDE:
                raise _too_many(width * height, max_pixels)
            image.draft("RGB", (longest, longest))
            return _flat(image, longest)
    except Refusal:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        # Pillow has a limit of its own, and says "(123 pixels)".
        found = re.search(r"\((\d+) pixels\)", str(bomb))
        raise _too_many(int(found[1]) if found else max_pixels, max_pixels) from None
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError):
        raise PhotoDamaged from None
    except (ArithmeticError, AttributeError, RuntimeError, AssertionError, struct.error):
        # Pillow's decoders answer broken bytes with nearly any exception there is.
        raise PhotoDamaged from None


def _flat(image: Image.Image, longest: int) -> Image.Image:
    """First frame, upright, small, RGB on white."""
    image.load()
    turned = ImageOps.exif_transpose(image)
    if turned.mode in ("I", "I;16", "I;16B", "I;16L", "F"):
        # Sixteen bits a channel: keep the upper eight; a plain convert would clip to white.
        turned = turned.convert("I").point(lambda value: value / 256).convert("L")
    if turned.mode in ("P", "PA", "LA", "La", "RGBA", "RGBa") or "transparency" in turned.info:
        turned = turned.convert("RGBA")
        turned.thumbnail((longest, longest), Image.Resampling.LANCZOS)
        white = Image.new("RGB", turned.size, "white")
        white.paste(turned, mask=turned.getchannel("A"))
        return white
    if turned.mode != "RGB":
        turned = turned.convert("RGB")
    turned.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return turned


def _encoded(image: Image.Image, quality: int) -> Photo:
    # A new image carries no `info`, so nothing of the old file can be written along.
    bare = Image.frombytes("RGB", image.size, image.tobytes())
    out = BytesIO()
    bare.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    data = out.getvalue()
    return Photo(data, bare.width, bare.height, hashlib.sha256(data).hexdigest())


def _too_many(pixels: int, most: int) -> PhotoTooManyPixels:
    return PhotoTooManyPixels(-(-pixels // 1_000_000), most // 1_000_000)


def _seems(data: bytes) -> str:
    head = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not data:
        return "空文件"
    if head.startswith((b"<svg", b"<?xml")):
        return "矢量图或 XML"
    if head.startswith((b"<!doctype", b"<html", b"<script", b"<")):
        return "网页"
    if head.startswith(b"%pdf"):
        return "PDF 文件"
    if head.startswith(b"pk\x03\x04"):
        return "压缩包或 Office 文件"
    if data[4:8] == b"ftyp" or head.startswith((b"\x1a\x45\xdf\xa3", b"riff")):
        return "视频或声音"
    return "别的文件"
