"""The palette of the app: the project's colours as Plotly and CSS take them."""

from fusionscope.base import palette
from fusionscope.base.streams import COLOURS

LIGHT_MAP, DARK_MAP = palette.LIGHT, palette.DARK
"""All colours of a light and of a dark page, by what they mean."""

LIGHT = {name: LIGHT_MAP[name] for name in COLOURS.values()}
DARK = {name: DARK_MAP[name] for name in COLOURS.values()}
"""The colours of the streams, on a light and on a dark page."""

HEADS = {**COLOURS, "spatiotemporal": "fused", "average": "fused"}
"""Head -> name of its colour."""

FIXED = f"--fs-scale-ground: {palette.SCALE_GROUND}; --fs-recording: {palette.RECORDING};"
"""The colours that are the same on both pages, as CSS variables."""

_BOTH = [(name, LIGHT_MAP[name], DARK_MAP[name]) for name in LIGHT_MAP]
VARIABLES = " ".join([FIXED, *(f"--fs-{name}: light-dark({a}, {b});" for name, a, b in _BOTH)])
"""All colours as CSS variables, light and dark."""
