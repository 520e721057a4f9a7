// What the browser's code finds beside its own modules.

interface Ramp {
  for: string[];
  against?: string[];
  root?: boolean;
}

/** Colours of the maps, put before the player's script by player.py. */
declare const RAMPS: Record<string, Ramp>;

/** Red, green and blue of what darkens a picture under a map; likewise. */
declare const SHADE: [number, number, number];

/** The glossary and the steps of the tour, put before the guide's script by guide/__init__.py. */
declare const GLOSSARY: { title: string; says: string; names: string[]; kind: string }[];
declare const TOUR: import("./fusionscope_app/components/guide/tour.js").Step[];

interface Window {
  /** The player on the page, for parts that move in step with it. */
  fusionscopePlayer?: import("./fusionscope_app/components/player/player.js").Player;
  /** Frame of the last paused player and the clip it belongs to. */
  fusionscopeMoment?: { clip?: string; frame: number | null };
  /** Arrangement of the panels that the viewer chose. */
  fusionscopeArrange?: string;
}
