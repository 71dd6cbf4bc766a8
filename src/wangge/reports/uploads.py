"""A form that somebody sends to have it filled."""

from typing import Any

from litestar import Request
from litestar.datastructures import UploadFile

from wangge.kernel.refusals import Invalid
from wangge.reports.workbook.package import TEMPLATE_BYTES_MAX

BODY_BYTES_MAX = TEMPLATE_BYTES_MAX + 500_000


async def uploaded(request: Request[Any, Any, Any]) -> tuple[bytes, str]:
    """The bytes and the name of a file sent as a form's `file`, or as the plain body."""
    if "multipart/form-data" not in request.headers.get("content-type", ""):
        return await request.body(), request.query_params.get("name", "form.xlsx")
    form = await request.form()
    upload = form.get("file")
    if not isinstance(upload, UploadFile) or not upload.filename:
        raise Invalid.of("file", "请选择一个文件。")
    return await upload.read(), upload.filename
