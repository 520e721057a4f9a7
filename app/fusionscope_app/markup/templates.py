"""HTML from Jinja templates that escape every value."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

_ENVIRONMENT = Environment(
    autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
)


def html(template: str, **values: Any) -> Markup:
    """Fill a template. Values are escaped, except HTML that came from this function."""
    return Markup(_compiled(template).render(values))


@cache
def _compiled(template: str) -> Template:
    return _ENVIRONMENT.from_string(template)
