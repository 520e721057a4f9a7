// Moment: the frame that a paused player stands at, as `frame` in the page's address; none while it
// plays. Nothing is sent for it. Streamlit writes the address too, and empties it when another page is
// opened: so what it says is looked at now and then, and the next player on the same clip takes the
// frame from the window.

const REST = 400; // milliseconds between two looks at the address: browsers bound how often it changes

class Moment {
  constructor() {
    this.timer = setInterval(() => this.#write(), REST);
  }

  // The frame at which a player is to begin with this reel, or null.
  of(reel) {
    const told = new URLSearchParams(location.search).get("frame") ?? "";
    const { clip, frame } = window.fusionscopeMoment ?? {};
    const known = reel.clip !== undefined && clip === reel.clip ? frame : null;
    this.named = /^\d{1,6}$/.test(told) && Number(told) < reel.frames;
    const asked = this.named ? Number(told) : known;
    this.known = asked !== null && asked < reel.frames;
    return this.known ? asked : null;
  }

  keep(reel, frame) {
    window.fusionscopeMoment = { clip: reel.clip, frame };
    this.frame = frame;
  }

  #write() {
    if (this.frame === undefined || !location.protocol.startsWith("http")) return; // a file from disk keeps its address
    const parts = location.search.slice(1).split("&").filter((part) => part && !part.startsWith("frame="));
    if (this.frame !== null) parts.push(`frame=${this.frame}`);
    const query = parts.length ? `?${parts.join("&")}` : "";
    if (query === location.search) return;
    history.replaceState(history.state, "", location.pathname + query + location.hash);
    window.dispatchEvent(new Event("fusionscope-moment"));
  }

  end() {
    clearInterval(this.timer);
  }
}
