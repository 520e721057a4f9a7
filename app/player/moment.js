// Moment: the frame that a paused player stands at, as `frame` in the page's address; none while it
// plays. Nothing is sent for it. Streamlit empties the address when another page is opened: the next
// player on the same clip takes it from the window.

const REST = 250; // milliseconds without a move before the address is changed: browsers bound how often

class Moment {
  // The frame at which a player is to begin with this reel, or null.
  of(reel) {
    const told = new URLSearchParams(location.search).get("frame") ?? "";
    const { clip, frame } = window.fusionscopeMoment ?? {};
    const known = reel.clip !== undefined && clip === reel.clip ? frame : null;
    const asked = /^\d{1,6}$/.test(told) ? Number(told) : known;
    return asked !== null && asked < reel.frames ? asked : null;
  }

  keep(reel, frame) {
    window.fusionscopeMoment = { clip: reel.clip, frame };
    this.frame = frame;
    this.kept = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.again(), REST);
  }

  // Have the address say what is kept: after a move, and after a run that put its own there.
  again() {
    if (!this.kept || !location.protocol.startsWith("http")) return; // a file from disk keeps its address
    const parts = location.search.slice(1).split("&").filter((part) => part && !part.startsWith("frame="));
    if (this.frame !== null) parts.push(`frame=${this.frame}`);
    const query = parts.length ? `?${parts.join("&")}` : "";
    if (query === location.search) return;
    history.replaceState(history.state, "", location.pathname + query + location.hash);
    window.dispatchEvent(new Event("fusionscope-moment"));
  }

  end() {
    clearTimeout(this.timer);
  }
}
