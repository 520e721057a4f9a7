"""Toybox: a generated world in which what each stream can know is provable.

Two balls of one silhouette, one striped and one spotted, lie on a textured ground that wraps round.
Each makes a move, rests, and makes another. The label is the ordered pair of moves of the *striped*
ball: 12 classes. A clip has five scenes: the first move twice, the rest, the second move twice. In
every scene the balls are put down anew, uniformly and independently, and between scenes they blink,
so that

* where a ball is says nothing of how it moves, in one frame or in many: pictures say nothing of the
  label;
* no path leads from scene to scene: what was seen in one cannot be tied, ball by ball, to another
  but by the balls' looks;
* the halves are alike, frame for frame: exchanging the moves exchanges the halves' chunks, so what
  is blind to the order of the chunks is blind to the order of the moves.

While the balls rest the light is low, so that a filter over neighbouring chunks can tell before
from after.

Only +, -, *, / and sqrt are used, and raw bits of PCG64, so that a seed gives the same bytes on
every machine and under every version of NumPy.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.records import seal
from core.video.clip import Clip

MOVES = ("left", "right", "up", "down")
LABELS = tuple(f"{a}, then {b}" for a in MOVES for b in MOVES if a != b)
STRIPED, SPOTTED = 0, 1

SIDE = 256  # pixels, both ways
FRAMES = 50
FPS = 12.5
HALVES = (0, 0, None, 1, 1)  # which move each scene shows; None: the rest
MIDDLES = (5, 15, 25, 35, 45)  # the frames about which the scenes lie
SOLID = ((0, 9), (11, 19), (21, 29), (31, 39), (41, 50))  # frames in which one scene alone is seen
BUNDLED = (3, 8, 21, 34, 55, 89)  # seeds of the clips that the app opens with

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
    """One ball in one scene."""

    x: float  # pixels, of the centre at the scene's middle frame
    y: float
    dx: float  # pixels a frame
    dy: float


@dataclass(frozen=True)
class Plan:
    """All that a clip is made from."""

    seed: int
    moves: tuple[tuple[str, str], tuple[str, str]]  # striped, spotted: first move, second move
    scenes: tuple[tuple[Leg, Leg], ...]  # of each scene: striped, spotted
    front: tuple[int, ...]  # which ball hides the other, scene by scene
    radius: float
    colours: tuple[tuple[int, int, int], ...]  # striped, spotted, ground
    turns: tuple[float, float]  # tangent of half the angle of each ball's pattern

    @property
    def label(self) -> str:
        """The class: both moves of the striped ball, in order."""
        return "{}, then {}".format(*self.moves[STRIPED])


@dataclass(frozen=True, eq=False)
class ToyWorld:
    """A clip with all that is true of it."""

    plan: Plan
    clip: Clip
    flow: np.ndarray  # (N-1, 2, H, W) float16 pixels; zero where a scene gives way to the next
    masks: np.ndarray  # (2, N, H, W) bool: where the striped and the spotted ball are to be seen

    def __post_init__(self) -> None:
        seal(self)


def _uniform(seed: int) -> Iterator[float]:
    """Numbers in [0, 1) from the raw bits: these are stable by NumPy's promise, its methods not."""
    bits = np.random.PCG64(seed)
    while True:
        yield (int(bits.random_raw()) >> 11) * 2.0**-53


def toy_plan(seed: int) -> Plan:
    """Draw a clip: the label uniformly, then the spotted ball's moves among those allowed."""
    draw = _uniform(seed)

    def pick(options: list):
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
    return Plan(seed, moves, tuple(scenes), front, radius, colours, turns)


def with_moves(plan: Plan, moves: tuple[tuple[str, str], tuple[str, str]]) -> Plan:
    """The same clip, looks, places and paces, had its balls made other moves."""
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
    """Seed -> clip of 50 frames, 256x256, 12.5 a second, with its true flow, masks and label."""
    return render(toy_plan(seed))


def render(plan: Plan) -> ToyWorld:
    """Draw what a plan says."""
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
    """How solid each scene stands in frame n: two frames lead from one to the next."""
    shown = [0.0] * len(SOLID)
    for k, (first, last) in enumerate(SOLID):
        if first <= n < last:
            shown[k] = 1.0
        elif k + 1 < len(SOLID) and last <= n < SOLID[k + 1][0]:
            gone = (n - last + 1) / 3
            shown[k], shown[k + 1] = 1 - gone, gone
    return tuple(shown)


def _light(n: int) -> float:
    """How bright frame n is: half as bright in the rest."""
    return 1 - _presence(n)[HALVES.index(None)] / 2


def _ball(plan: Plan, ball: int, x: float, y: float) -> tuple[np.ndarray, ...]:
    """Rows, columns (wrapped), cover (r, c) in 0..1, colour (r, c, 3) of a ball at x, y."""
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
    a, b = a / plan.radius + 0.35, b / plan.radius + 0.4  # lit from above, left
    shade = np.clip(1.12 - 0.28 * (a * a + b * b), 0.5, 1.12)[..., None]
    dark = np.array(plan.colours[ball], float)
    colour = (dark + (250 - dark) * 0.85 * light[..., None]) * shade
    return rows % SIDE, columns % SIDE, cover, np.clip(colour, 0, 254.5)


_PERIOD = 19.0  # pixels from stripe to stripe and from spot to spot: both cover half the ball


def _ground(plan: Plan) -> np.ndarray:
    """(H, W, 3) uint8: three octaves of value noise that wrap round, in the plan's tint."""
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
