"""Toybox: generated clips for which the evidence available to each stream is provable.

Two balls with the same silhouette, one striped and one spotted, move on a textured ground that
wraps around. Each makes a move, rests, and makes another move. The label is the ordered pair of
moves of the *striped* ball: 12 classes. A clip has five scenes: the first move twice, the rest, the
second move twice. In every scene the balls are placed at new random positions, uniformly and
independently, and between scenes they fade, so that

* a ball's position is independent of its motion, in one frame or several: pictures give no evidence
  of the label;
* no trajectory connects two scenes: a ball can be recognised in another scene only by its
  appearance;
* both halves have the same structure: exchanging the moves exchanges the halves' chunks, so a
  network that ignores the order of the chunks cannot know the order of the moves.

While the balls rest the light is dimmed, so that a filter over neighbouring chunks can distinguish
before from after.

Only +, -, *, /, sqrt and raw bits of PCG64 are used, so that a seed gives the same bytes on every
machine and with every version of NumPy.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from fusionscope.base.records import seal
from fusionscope.video.clip import Clip

Drawn = TypeVar("Drawn")

MOVES = ("left", "right", "up", "down")
LABELS = tuple(f"{a}, then {b}" for a in MOVES for b in MOVES if a != b)
STRIPED, SPOTTED = 0, 1

SIDE = 256  # pixels, width and height
FRAMES = 50
FPS = 12.5
HALVES = (0, 0, None, 1, 1)  # which move each scene shows; None: the rest
MIDDLES = (5, 15, 25, 35, 45)  # the middle frame of each scene
SOLID = ((0, 9), (11, 19), (21, 29), (31, 39), (41, 50))  # frames that show only one scene
BUNDLED = (443, 3, 8, 21, 34, 89)  # seeds of the clips offered by the app, the default first

_VECTORS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
_BALLS = (
    (214, 69, 65),
    (238, 140, 54),
    (58, 134, 200),
    (62, 150, 104),
    (132, 94, 194),
    (205, 84, 148),
)
_GROUNDS = ((206, 199, 186), (190, 201, 205), (200, 205, 189), (205, 194, 199))


@dataclass(frozen=True)
class Leg:
    """The path of one ball in one scene."""

    x: float  # pixels, centre at the scene's middle frame
    y: float
    dx: float  # pixels per frame
    dy: float


@dataclass(frozen=True)
class ToyPlan:
    """The parameters of one clip."""

    seed: int
    moves: tuple[tuple[str, str], tuple[str, str]]  # striped, spotted: first move, second move
    scenes: tuple[tuple[Leg, Leg], ...]  # for each scene: striped, spotted
    front: tuple[int, ...]  # the ball in front, for each scene
    radius: float
    colours: tuple[tuple[int, int, int], ...]  # striped, spotted, ground
    turns: tuple[float, float]  # tangent of half the angle of each ball's pattern

    @property
    def label(self) -> str:
        """The class: both moves of the striped ball, in order."""
        return "{}, then {}".format(*self.moves[STRIPED])


@dataclass(frozen=True, eq=False)
class ToyWorld:
    """A clip with its ground truth."""

    plan: ToyPlan
    clip: Clip
    flow: np.ndarray  # (N-1, 2, H, W) float16 pixels; zero in transitions between scenes
    masks: np.ndarray  # (2, N, H, W) bool: visible pixels of the striped and the spotted ball

    def __post_init__(self) -> None:
        seal(self)


def _uniform(seed: int) -> Iterator[float]:
    """Yield numbers in [0, 1) from raw bits, which NumPy guarantees to be stable."""
    bits = np.random.PCG64(seed)
    while True:
        yield (int(bits.random_raw()) >> 11) * 2.0**-53


def toy_plan(seed: int) -> ToyPlan:
    """Draw a random clip: the label uniformly, then the spotted ball's moves among the allowed."""
    draw = _uniform(seed)

    def pick(options: list[Drawn]) -> Drawn:
        return options[int(next(draw) * len(options))]

    striped = pick([(a, b) for a in MOVES for b in MOVES if a != b])
    spotted = pick(
        [(a, b) for a in MOVES for b in MOVES if a != b and a != striped[0] and b != striped[1]]
    )
    moves = (striped, spotted)
    scenes = []
    for half in HALVES:
        legs = []
        for ball in (STRIPED, SPOTTED):
            x, y, pace = next(draw) * SIDE, next(draw) * SIDE, 4 + 4 * next(draw)
            dx, dy = (0, 0) if half is None else _VECTORS[moves[ball][half]]
            legs.append(Leg(x, y, dx * pace, dy * pace))
        scenes.append(tuple(legs))
    front = tuple(int(next(draw) * 2) for _ in scenes)
    radius = 29 + 4 * next(draw)
    first = int(next(draw) * len(_BALLS))
    second = (first + 1 + int(next(draw) * (len(_BALLS) - 1))) % len(_BALLS)
    colours = (_BALLS[first], _BALLS[second], pick(list(_GROUNDS)))
    turns = (2 * next(draw) - 1, 2 * next(draw) - 1)
    return ToyPlan(seed, moves, tuple(scenes), front, radius, colours, turns)


def with_moves(plan: ToyPlan, moves: tuple[tuple[str, str], tuple[str, str]]) -> ToyPlan:
    """The same clip with other moves; appearance, positions and speeds are unchanged."""
    scenes = []
    for half, pair in zip(HALVES, plan.scenes, strict=True):
        legs = []
        for ball, leg in enumerate(pair):
            x, y = (0, 0) if half is None else _VECTORS[moves[ball][half]]
            pace = abs(leg.dx) + abs(leg.dy)
            legs.append(dataclasses.replace(leg, dx=x * pace, dy=y * pace))
        scenes.append(tuple(legs))
    return dataclasses.replace(plan, moves=moves, scenes=tuple(scenes))


def toy_world(seed: int) -> ToyWorld:
    """Generate a clip: 50 frames of 256x256 at 12.5 frames/s, with true flow, masks and label."""
    return render(toy_plan(seed))


def render(plan: ToyPlan) -> ToyWorld:
    """Render a plan."""
    ground = _ground(plan)
    frames = np.empty((FRAMES, SIDE, SIDE, 3), np.uint8)
    masks = np.zeros((2, FRAMES, SIDE, SIDE), bool)
    flow = np.zeros((FRAMES - 1, 2, SIDE, SIDE), np.float16)
    for n in range(FRAMES):
        frames[n] = ground
        shown = _presence(n)
        for scene, presence in enumerate(shown):
            if presence == 0:
                continue
            back_to_front = (1 - plan.front[scene], plan.front[scene])
            for ball in back_to_front:
                leg, step = plan.scenes[scene][ball], n - MIDDLES[scene]
                rows, columns, cover, colour = _ball(
                    plan, ball, leg.x + step * leg.dx, leg.y + step * leg.dy
                )
                patch = np.ix_(rows, columns)
                opacity = (presence * cover)[..., None]
                frames[n][patch] = frames[n][patch] * (1 - opacity) + colour * opacity + 0.5
                if presence > 0.5:
                    inside = cover > 0.5
                    masks[(1 - ball, n, *patch)] &= ~inside
                    masks[(ball, n, *patch)] |= inside
        frames[n] = frames[n] * _light(n)
        scene = int(np.argmax(shown))
        if n < FRAMES - 1 and scene == int(np.argmax(_presence(n + 1))):
            for ball in (STRIPED, SPOTTED):
                leg = plan.scenes[scene][ball]
                flow[n, 0][masks[ball, n]] = leg.dx
                flow[n, 1][masks[ball, n]] = leg.dy
    return ToyWorld(plan, Clip(frames, FPS, f"Toybox {plan.seed}"), flow, masks)


def _presence(n: int) -> tuple[float, ...]:
    """Opacity of each scene in frame n; transitions take two frames."""
    shown = [0.0] * len(SOLID)
    for k, (first, last) in enumerate(SOLID):
        if first <= n < last:
            shown[k] = 1.0
        elif k + 1 < len(SOLID) and last <= n < SOLID[k + 1][0]:
            gone = (n - last + 1) / 3
            shown[k], shown[k + 1] = 1 - gone, gone
    return tuple(shown)


def _light(n: int) -> float:
    """Brightness of frame n: halved during the rest."""
    return 1 - _presence(n)[HALVES.index(None)] / 2


def _ball(plan: ToyPlan, ball: int, x: float, y: float) -> tuple[np.ndarray, ...]:
    """Rows and columns (wrapped), coverage (r, c) in 0..1, colour (r, c, 3) of a ball at x, y."""
    reach = int(plan.radius) + 3
    left, top = int(np.floor(x)) - reach, int(np.floor(y)) - reach
    columns, rows = np.arange(left, left + 2 * reach + 2), np.arange(top, top + 2 * reach + 2)
    a, b = columns[None, :] - x, rows[:, None] - y
    distance = np.sqrt(a * a + b * b)
    cover = np.clip(plan.radius - distance + 0.5, 0, 1)
    t = plan.turns[ball]
    cos, sin = (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)
    p, q = (a * cos + b * sin) / _PERIOD, (b * cos - a * sin) / _PERIOD
    if ball == STRIPED:
        light = np.clip((np.abs(p - np.floor(p) - 0.5) - 0.25) * 10 + 0.5, 0, 1)
    else:
        u, v = p - np.floor(p) - 0.5, q - np.floor(q) - 0.5
        light = np.clip((0.16 - u * u - v * v) * 10 + 0.5, 0, 1)
    a, b = a / plan.radius + 0.35, b / plan.radius + 0.4  # light from the upper left
    shade = np.clip(1.12 - 0.28 * (a * a + b * b), 0.5, 1.12)[..., None]
    dark = np.array(plan.colours[ball], float)
    colour = (dark + (250 - dark) * 0.85 * light[..., None]) * shade
    return rows % SIDE, columns % SIDE, cover, np.clip(colour, 0, 254.5)


_PERIOD = 19.0  # pixels between stripes and between spots: both cover half the ball


def _ground(plan: ToyPlan) -> np.ndarray:
    """Ground texture, (H, W, 3) uint8: three octaves of wrapping value noise, tinted."""
    draw = _uniform(plan.seed + 2**32)
    relief = np.zeros((SIDE, SIDE))
    for cells, height in ((8, 0.5), (32, 0.3), (64, 0.35)):
        knots = np.array([next(draw) for _ in range(cells * cells)]).reshape(cells, cells) - 0.5
        place = (np.arange(SIDE) + 0.5) * cells / SIDE
        low = np.floor(place).astype(int)
        part = place - low
        part = part * part * (3 - 2 * part)
        near, far = low % cells, (low + 1) % cells
        across = knots[:, near] * (1 - part) + knots[:, far] * part
        relief += height * (across[near] * (1 - part[:, None]) + across[far] * part[:, None])
    tint = np.array(plan.colours[2], float) * (1 + 0.32 * relief[..., None])
    return np.clip(tint, 0, 255).astype(np.uint8)
