"""The first response: HTML comes with the frame of the page; other answers pass as they are."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from streamlit import file_util

from fusionscope_app.server.first_response import FirstResponse, framed

PAGE = b"<html><head><title>Streamlit</title></head><body><div id=root></div></body></html>"
Header = tuple[bytes, bytes]


def answered(
    kind: bytes, parts: Sequence[bytes], accept: bytes = b"text/html", status: int = 200
) -> tuple[dict[bytes, bytes], bytes, dict[bytes, bytes]]:
    """Headers and body that the browser gets, and the headers that the server got."""
    got: dict[bytes, bytes] = {}
    sent: list[dict[str, Any]] = []

    async def server(scope: Any, _: Any, send: Any) -> None:
        got.update(scope["headers"])
        size = str(sum(map(len, parts))).encode()
        headers = [(b"content-type", kind), (b"content-length", size), (b"etag", b"x")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        for n, part in enumerate(parts):
            more = n + 1 < len(parts)
            await send({"type": "http.response.body", "body": part, "more_body": more})

    async def take(message: dict[str, Any]) -> None:
        sent.append(message)

    asked = [(b"accept", accept), (b"accept-encoding", b"gzip"), (b"if-none-match", b"x")]
    scope = {"type": "http", "path": "/", "headers": asked}
    asyncio.run(FirstResponse(server)(scope, None, take))  # type: ignore[arg-type]
    start, *rest = sent
    return dict(start["headers"]), b"".join(part["body"] for part in rest), got


def test_a_page_is_framed_and_its_size_is_right() -> None:
    headers, body, got = answered(b"text/html; charset=utf-8", [PAGE[:40], PAGE[40:]])
    assert body == framed(PAGE)
    assert int(headers[b"content-length"]) == len(body)
    assert b"etag" not in headers  # the file's, not the page's
    assert not {b"accept-encoding", b"if-none-match"} & {*got}  # it is whole, and not packed


def test_other_answers_pass_as_they_are() -> None:
    for kind, accept, status in (
        (b"text/javascript", b"text/html", 200),
        (b"text/html", b"*/*", 200),
        (b"text/html", b"text/html", 404),
    ):
        headers, body, _ = answered(kind, [PAGE], accept, status)
        assert body == PAGE
        assert int(headers[b"content-length"]) == len(PAGE)
        assert headers[b"etag"] == b"x"


def test_streamlits_own_page_takes_style_script_frame_and_title() -> None:
    page = framed((Path(file_util.get_static_dir()) / "index.html").read_bytes())
    head, body = page.split(b"</head>")
    assert b"<title>fusionscope</title>" in head
    assert b"--fs-size-1" in head
    assert head.count(b"<script>") == 2  # Streamlit's and the frame's
    assert b'id="fs-frame"' in body
