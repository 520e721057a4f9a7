"""Sprites of clips for the contact sheet, one for each request.

The answer is 200 with a WebP, 202 while the sprite is being made, or 404 with the reason why there
is none. Only clips that any visitor may open have one: generated clips, and videos in the data
folder.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cache

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from fusionscope.base import paths
from fusionscope.base.records import InputError
from fusionscope.video import sprite
from fusionscope.video.sprite_cache import SpriteCache, sprite_key
from fusionscope_app.server.sprite_maker import SpriteMaker
from fusionscope_app.state import clip_sources

_PATIENCE = 1.0  # seconds that a request waits for its sprite
_HEADERS = {
    "Cache-Control": "private, max-age=300",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
_UNSEEN = {"Cache-Control": "no-store"}


@cache
def maker() -> SpriteMaker:
    """The sprite maker of the server."""
    return SpriteMaker(SpriteCache(paths.cache_folder() / "sprites"))


def source_of(clip_id: str) -> tuple[str, Callable[[], bytes]]:
    """The key of a clip's sprite, and a function that makes it.

    Raises:
        InputError: the clip does not exist, is outside the data folder, or is a visitor's own.
    """
    if clip_sources.is_made(clip_id):
        clip_sources.known(clip_id)  # raises for a name that is none
        return sprite_key(clip_id), lambda: _generated(clip_id)
    path = clip_sources.data_path(clip_id, paths.data_folder())
    try:
        state = path.stat()
    except OSError as problem:
        raise InputError(f"{path.name} cannot be opened ({problem.strerror})") from problem
    key = sprite_key(str(path.resolve()), state.st_size, state.st_mtime_ns)
    return key, lambda: sprite.read_sprite(path)


def _generated(clip_id: str) -> bytes:
    clip = clip_sources.world(clip_id).clip
    count = min(len(clip.frames), round(sprite.SECONDS * clip.fps))
    return sprite.sprite_of(clip.frames[:count], count / clip.fps)


async def answer(asked: Request) -> Response:
    """Answer a request for a sprite; pages of other sites get none."""
    if asked.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return PlainTextResponse("sprites are for pages of this app", 403, _UNSEEN)
    try:
        found = await _sprite(asked.query_params.get("clip", ""))
    except InputError as problem:
        return PlainTextResponse(str(problem), 404, _UNSEEN)
    properties = sprite.properties_of(found) if found else None
    if properties is None:
        return Response(None, 202, _UNSEEN)
    width, height, seconds = properties
    about = {"X-Sprite": f"{width} {height} {seconds}"}
    return Response(found, 200, _HEADERS | about, "image/webp")


async def _sprite(clip_id: str) -> bytes:
    """The sprite of a clip; empty if it is not ready after a short wait."""
    key, make = await run_in_threadpool(source_of, clip_id)
    if (kept := await run_in_threadpool(maker().cache.get, key)) and sprite.properties_of(kept):
        return kept
    future = maker().wanted(key, make)
    try:
        return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(future)), _PATIENCE)
    except TimeoutError:
        return b""
    except asyncio.CancelledError:
        if not future.cancelled():  # the request itself was cancelled
            raise
        return b""
