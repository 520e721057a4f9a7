"""Sprite route: the address of the sprites, SPRITES?clip=ID, which the app adds to Streamlit's."""

from __future__ import annotations

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_BASE = st.get_option("server.baseUrlPath").strip("/")
SPRITES = f"/{_BASE}/fusionscope/sprite" if _BASE else "/fusionscope/sprite"


async def _sprite(request: Request) -> Response:
    from fusionscope_app.state.sprites import answer  # not before the server answers

    return await answer(request)


ROUTES = (Route(SPRITES, _sprite, methods=["GET"]),)
"""The routes that the app adds to Streamlit's."""
