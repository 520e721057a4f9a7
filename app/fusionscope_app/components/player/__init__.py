"""Player: a clip's panels in step, drawn by the browser from bytes sent once."""

from fusionscope_app.components.player.player import Click, player

__all__ = ["Click", "player"]
