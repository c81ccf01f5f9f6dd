// Hears that a part of the page has changed, and asks for it through the ordinary door: the events `livemenu`,
// `liveinbox`, `liveticket`, `livehere` on the document are what hx-trigger waits for. A hidden page is quiet, for a browser has few
// connections; when it is looked at again it hears of everything that changed meanwhile.
const { updates, since } = document.body.dataset;
let seen = since;
let source = null;

const TYPED = ".tk-title textarea, .apv textarea";
const AT_WORK = ".tk-title details[open], .rail details[open], [data-edits], .apv [role=alert], :is(.tk-title, .apv, .rail) :is(input, select, textarea):focus";

// Parts in which somebody types or chooses, or reads why something was refused, stay as they are; the bar says that there is something new.
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
  source.addEventListener("error", refused);
}

// A browser asks again by itself where the line broke, and never where it was answered: with a 404 where the ticket was
// deleted or closed to whoever looks, which the ticket's own part finds out, or while the database is away.
const LATER = 30_000;
function refused() {
  if (source?.readyState !== EventSource.CLOSED) return;
  rest();
  document.dispatchEvent(new CustomEvent("liveticket"));
  setTimeout(listen, LATER);
}

function rest() {
  source?.close();
  source = null;
}

// What others did waits while a pointer or the space bar is down or a change of one's own is under way: a button is not
// replaced between press and release, and an answer that was asked before the change, or while it was under way, does not
// come over its result. It is asked again then.
const WRITES = /^(POST|PUT|PATCH|DELETE)$/i;
const overtaken = new WeakSet();
const asked = new Set();
const late = new Set();
const underWay = new Set();
let isPressed = false;

const isLive = ({ sourceEvent }) => Boolean(sourceEvent?.type?.startsWith("live"));
const isWrite = ({ request }) => WRITES.test(request.method);

function askAgain() {
  if (isPressed || underWay.size) return;
  const types = [...late];
  late.clear();
  for (const type of types) document.dispatchEvent(new CustomEvent(type));
}

function press(isDown) {
  isPressed = isDown;
  if (!isDown) setTimeout(askAgain); // after the click
}

// The space bar presses a button when it is let go; whatever else it does, it does at once.
const isSpace = ({ key, target }) => key === " " && target.matches?.("button, summary, [type=submit], [type=checkbox]");

document.addEventListener("pointerdown", () => press(true), true);
document.addEventListener("keydown", (event) => isSpace(event) && press(true), true);
document.addEventListener("keyup", ({ key }) => key === " " && press(false), true);
window.addEventListener("blur", () => press(false));
for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, () => press(false), true);
// Let go outside the window or on a scroll bar, which nobody tells.
document.addEventListener("pointermove", ({ buttons }) => isPressed && !buttons && press(false));
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  if (isLive(ctx)) {
    asked.add(ctx);
    if (underWay.size) overtaken.add(ctx); // it may be answered before the change, and come after its result
  }
  if (!isWrite(ctx)) return;
  underWay.add(ctx);
  for (const earlier of asked) overtaken.add(earlier);
});
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  if (!isLive(ctx) || !(isPressed || underWay.size || overtaken.has(ctx))) return;
  event.preventDefault();
  late.add(ctx.sourceEvent.type);
});
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  asked.delete(ctx);
  underWay.delete(ctx);
  askAgain();
});

// What was deleted, or closed to whoever looks, does not stay on the screen; what somebody is writing does.
const isWritten = () => isAtWork() || [...document.querySelectorAll("[data-comment]")].some((area) => area.value);
document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  const isThisTicket = ["liveticket", "liveparts", "livehere"].includes(ctx.sourceEvent?.type);
  if (isThisTicket && ctx.response.status === 404 && !isWritten()) location.reload();
});

document.addEventListener("visibilitychange", () => (document.hidden ? rest() : listen()));
window.addEventListener("pagehide", rest);
window.addEventListener("pageshow", listen);
listen();
