// Frame: hides a page until it is whole, so that it appears at once and nothing on it moves.
(() => {
  const root = document.documentElement;
  // The times are in animation frames.
  const STEADY = 8; // at rest and drawn: a run of the script may follow another at once
  const PLAYS = 24; // a player is drawn, and the script still runs
  const LONGEST = 300; // at rest: a part that fails must not hide the others

  const PLAYER = "[class*='st-key-'][class*='_player']"; // element of a page that holds a player
  const APP = "[data-testid=stApp]";
  // Parts that load their own code: Streamlit's stand-ins for them, plots, components.
  const STAND_INS = "[data-testid=stMain] [data-testid=stSkeleton]";
  const PLOTS = "[data-testid=stMain] [data-testid=stPlotlyChart]";
  const COMPONENTS = "[data-testid=stMain] .stBidiComponent:not(.st-key-address_bar *)"; // that one draws nothing

  let path = "";
  /** @type {Element[]} players of the page before, which stay until the next one comes */
  let before = [];
  let ran = false; // whether the script has run since the page was opened
  let [steady, plays, rests] = [0, 0, 0];

  const all = (/** @type {string} */ selector) => [...document.querySelectorAll(selector)];

  /** @param {Element} place @param {string} selector of what a component's shadow root holds */
  const holds = (place, selector) =>
    [...place.querySelectorAll("*")].some((element) => element.shadowRoot?.querySelector(selector));

  const drawn = () => all(STAND_INS).length === 0
    && all(PLOTS).every((plot) => plot.querySelector(".main-svg"))
    && all(COMPONENTS).every((place) => holds(place, "[class^=fs-]"))
    && all(PLAYER).every((place) => holds(place, ".fs-player[data-ready]"));

  function look() {
    requestAnimationFrame(look);
    if (path !== location.pathname) { // another page opens
      delete root.dataset.fsWhole;
      [path, before, ran, steady, plays, rests] = [location.pathname, all(PLAYER), false, 0, 0, 0];
    }
    if ("fsWhole" in root.dataset) return;
    const runs = document.querySelector(`${APP}[data-test-script-state=notRunning]`) === null;
    ran ||= runs && document.querySelector(APP) !== null;
    const players = all(PLAYER);
    const complete = ran && drawn();
    rests = runs ? 0 : rests + 1;
    steady = complete && !runs ? steady + 1 : 0;
    plays = complete && players.length && !players.some((one) => before.includes(one)) ? plays + 1 : 0;
    if (steady >= STEADY || plays >= PLAYS || rests >= LONGEST) root.dataset.fsWhole = "";
  }
  look();
})();
