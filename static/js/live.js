// Hears that a part of the page has changed, and asks for it through the ordinary door: the events `livemenu`,
// `liveinbox`, `liveticket`, `livehere` on the document are what hx-trigger waits for. A hidden page is quiet, for a browser has few
// connections; when it is looked at again it hears of everything that changed meanwhile.
const { updates, since } = document.body.dataset;
let seen = since;
let source = null;

const TYPED = ".tk-title textarea, .apv textarea";
const AT_WORK = ".tk-title details[open], .rail details[open], [data-edits], :is(.tk-title, .apv, .rail) :is(input, select, textarea):focus";

// Parts in which somebody types or chooses stay as they are; the bar says that there is something new.
const isAtWork = () =>
  document.querySelector(AT_WORK) !== null || [...document.querySelectorAll(TYPED)].some((area) => area.value);

function heard(event) {
  seen = event.lastEventId;
  for (const part of event.data.split(" ")) {
    document.dispatchEvent(new CustomEvent(`live${part}`));
    if (part === "ticket" && !isAtWork()) document.dispatchEvent(new CustomEvent("liveparts"));
  }
}

function listen() {
  if (source || document.hidden || !updates) return;
  source = new EventSource(`${updates}&since=${encodeURIComponent(seen)}`);
  source.addEventListener("changed", heard);
}

function rest() {
  source?.close();
  source = null;
}

document.addEventListener("visibilitychange", () => (document.hidden ? rest() : listen()));
window.addEventListener("pagehide", rest);
window.addEventListener("pageshow", listen);
listen();
