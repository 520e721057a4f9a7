"""Open a browser once the server runs, as ``streamlit run`` does for a plain script."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from streamlit import cli_util, config
from streamlit.web.server import server_util


@asynccontextmanager
async def browser_opened(_: object) -> AsyncIterator[None]:
    """Lifespan of the server: its address opens in a browser, unless it is headless."""
    if not config.get_option("server.headless"):
        asyncio.get_running_loop().call_soon(cli_util.open_browser, address())
    yield


def address() -> str:
    """The address at which a browser on this machine finds the server."""
    for name in ("browser.serverAddress", "server.address"):
        if config.is_manually_set(name):
            return server_util.get_url(config.get_option(name))
    return server_util.get_url("localhost")
