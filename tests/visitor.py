"""Visitor: a browser tab without a browser: speaks Streamlit's websocket, reads what is shown."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import requests
import websockets
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import UploadedFileInfo
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

PATIENCE = 200  # seconds for one message
FINISHED = "script_finished"
_MARKDOWN = ("body", "label", "help", "title", "text")  # fields of elements that hold it
_TIMES = re.compile(r"\d+(\.\d+)? m?s\b")  # they differ from run to run


@dataclass
class View:
    """What one run of a page showed."""

    html: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    exceptions: list[str] = field(default_factory=list)  # what a page should never show
    texts: list[str] = field(default_factory=list)  # of what Streamlit shows as Markdown
    told: list[str] = field(default_factory=list)  # the words of progress bars
    reel: str = ""  # sha256 of the player's bytes
    uploader: str = ""  # id of the widget that takes a file
    start: str = ""  # id of the button that starts what takes long
    seconds: float = 0.0

    @property
    def digest(self) -> str:
        """What the page says and draws, to the bit, but for how long it took."""
        said = [_TIMES.sub("", body) for body in self.html if "fs-flows" not in body]
        return hashlib.sha256("\n".join([*said, self.reel]).encode()).hexdigest()


class Visitor:
    """One tab."""

    def __init__(self, url: str, socket: websockets.ClientConnection) -> None:
        self._url, self._socket = url, socket
        self._session = ""
        self._address = ""

    async def look(self, query: str, page: str = "", *states: WidgetState) -> View:
        """Open an address, start what the page asks about, and wait until all of it is shown.

        Whether it asks depends on how busy the machine is.
        """
        begun = time.perf_counter()
        view = await self._run(query, page, *states)
        while view.start:
            pressed = WidgetState(id=view.start, trigger_value=True)
            view = await self._run(query, page, *states, pressed)
        view.seconds = time.perf_counter() - begun
        return view

    async def _run(self, query: str, page: str, *states: WidgetState) -> View:
        message = BackMsg()
        message.rerun_script.query_string = self._address = query
        message.rerun_script.page_name = page
        message.rerun_script.widget_states.widgets.extend(states)
        await self._socket.send(message.SerializeToString())
        view = View()
        while True:
            got = await self._hear()
            kind = got.WhichOneof("type")
            if kind == "new_session":
                self._session = got.new_session.initialize.session_id or self._session
                view = View()  # the page runs again
            elif kind == "page_info_changed":
                self._address = got.page_info_changed.query_string
            elif kind == "delta" and got.delta.WhichOneof("type") == "new_element":
                _take(got.delta.new_element, view)
            elif got.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY and kind == FINISHED:
                return view

    async def upload(self, view: View, name: str, content: bytes) -> View:
        """Bring a file into the page that was looked at, and see what it shows then."""
        message = BackMsg()
        message.file_urls_request.request_id = "one"
        message.file_urls_request.file_names.append(name)
        message.file_urls_request.session_id = self._session
        await self._socket.send(message.SerializeToString())
        while (got := await self._hear()).WhichOneof("type") != "file_urls_response":
            pass
        (urls,) = got.file_urls_response.file_urls
        await asyncio.to_thread(self._put, urls.upload_url, name, content)
        state = WidgetState(id=view.uploader)
        info = UploadedFileInfo(file_id=urls.file_id, name=name, size=len(content), file_urls=urls)
        state.file_uploader_state_value.uploaded_file_info.append(info)
        return await self.look(self._address, "", state)

    def _put(self, path: str, name: str, content: bytes) -> None:
        with requests.Session() as http:
            http.get(f"{self._url}/_stcore/health", timeout=PATIENCE)
            token = http.cookies.get("_streamlit_xsrf") or ""
            http.put(
                f"{self._url}{path}",
                files={name: content},
                headers={"X-Xsrftoken": token},
                timeout=PATIENCE,
            ).raise_for_status()

    @property
    def address(self) -> str:
        """The query that the browser would show."""
        return self._address

    async def _hear(self) -> ForwardMsg:
        content = await asyncio.wait_for(self._socket.recv(), PATIENCE)
        return ForwardMsg.FromString(content if isinstance(content, bytes) else content.encode())


@asynccontextmanager
async def visitor(url: str) -> AsyncIterator[Visitor]:
    """A tab that is closed in the end."""
    async with websockets.connect(
        f"{url.replace('http', 'ws', 1)}/_stcore/stream",
        subprotocols=[websockets.Subprotocol("streamlit")],
        origin=websockets.Origin(url),
        max_size=None,
        open_timeout=PATIENCE,
        ping_timeout=None,
    ) as socket:
        yield Visitor(url, socket)


def _take(element, view: View) -> None:
    kind = element.WhichOneof("type")
    if kind != "html":
        shown = getattr(element, kind)
        view.texts.extend(getattr(shown, name) for name in _MARKDOWN if hasattr(shown, name))
    if kind == "html" and "<style>" not in element.html.body:
        view.html.append(element.html.body)
    elif kind == "alert" and element.alert.format == Alert.ERROR:
        view.errors.append(element.alert.body)
    elif kind == "exception":
        view.exceptions.append(f"{element.exception.type}: {element.exception.message}")
    elif kind == "progress":
        view.told.append(element.progress.text)
    elif kind == "button" and element.button.label == "Start":
        view.start = element.button.id
    elif kind == "file_uploader":
        view.uploader = element.file_uploader.id
    elif kind == "bidi_component" and element.bidi_component.component_name.endswith("player"):
        view.reel = hashlib.sha256(element.bidi_component.bytes).hexdigest()
