"""Limits: what a clip's pictures can be, for the decoder and for those who read its output."""

SIDE = 256  # pixels, the short side of the result
ASPECT = 4.0  # long side to short side, at most
HDR = {16: "PQ", 18: "HLG"}  # by transfer characteristics (ITU-T H.273, table 3)
