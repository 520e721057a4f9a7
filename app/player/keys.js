// Keys: what each does, wherever in the player the focus is.

const KEYS = {
  " ": (player) => player.toggle(),
  ArrowLeft: (player, { shiftKey }) => (shiftKey ? player.stepChunk(-1) : player.step(-1)),
  ArrowRight: (player, { shiftKey }) => (shiftKey ? player.stepChunk(1) : player.step(1)),
  Home: (player) => player.step(-Infinity),
  End: (player) => player.step(Infinity),
  ",": (player) => player.changeSpeed(-1),
  ".": (player) => player.changeSpeed(1),
  l: (player) => player.set({ loop: !player.state.loop }),
  "[": (player) => player.set({ opacity: Math.max(0, player.state.opacity - 0.1) }),
  "]": (player) => player.set({ opacity: Math.min(1, player.state.opacity + 0.1) }),
  Escape: (player) => player.set({ pin: null, hover: null }),
};
