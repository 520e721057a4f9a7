"""First response: the frame of the page, in the HTML that the browser gets before anything runs.

Streamlit serves one HTML file that shows nothing until its code runs, and draws a page piece by
piece. This adds the style sheet, a frame in the page's final size, and a script that shows the page
once it is whole (``theme/frame.js``), so that nothing on it moves.
"""

from __future__ import annotations

from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fusionscope_app.theme import stylesheet

_THEME = Path(stylesheet.__file__).parent
_DROPPED = (b"accept-encoding", b"if-none-match", b"if-modified-since", b"range")


def framed(page: bytes) -> bytes:
    """Streamlit's HTML -> the same with the style sheet, the frame and its script."""
    frame = (_THEME / "frame.html").read_text("utf-8")
    script = (_THEME / "frame.js").read_text("utf-8")
    head = f"{stylesheet.STYLE}<script>{script}</script>".encode()
    page = page.replace(b"<title>Streamlit</title>", b"<title>fusionscope</title>")
    return page.replace(b"</head>", head + b"</head>", 1).replace(
        b"</body>", frame.encode() + b"</body>", 1
    )


class FirstResponse:
    """ASGI middleware: frames every HTML page that the server answers with."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; collect the answer if it is HTML."""
        if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self.app(scope, receive, send)
            return
        kept = [(name, value) for name, value in scope["headers"] if name not in _DROPPED]
        started: list[Message] = []
        body = bytearray()

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.start":
                html = Headers(raw=message["headers"]).get("content-type", "")
                if not html.startswith("text/html") or message["status"] != 200:
                    await send(message)
                else:
                    started.append(message)
            elif not started:
                await send(message)
            else:
                body.extend(message.get("body", b""))
                if not message.get("more_body"):
                    page = framed(bytes(body))
                    headers = MutableHeaders(raw=started[0]["headers"])
                    headers["content-length"] = str(len(page))
                    del headers["etag"], headers["last-modified"]
                    await send(started[0])
                    await send({"type": "http.response.body", "body": page})

        await self.app({**scope, "headers": kept}, receive, collect)


MIDDLEWARE = (Middleware(FirstResponse),)
