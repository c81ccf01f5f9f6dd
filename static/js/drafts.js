// What is typed into a comment is kept on the server, at each pause; where that fails, in this tab until it works again.
const PAUSE = 1000;
const timers = new Map();

const placeOf = (area) => `draft ${area.dataset.writer} ${area.dataset.drafts}`;
const areaIn = (element) => element.closest?.("form")?.querySelector("[data-drafts]");

function tell(area, isKept) {
  const state = area.form?.querySelector("[data-draft-state]");
  if (state) state.hidden = !isKept;
}

async function keep(area) {
  clearTimeout(timers.get(area));
  timers.delete(area);
  const { audience, command, _csrf } = area.form.elements;
  const said = { note: area.value, audience: audience?.value ?? "everyone", command: command.value, _csrf: _csrf.value };
  const sent = { method: "POST", body: new URLSearchParams(said), headers: { "hx-request": "true" }, keepalive: true };
  const answer = await fetch(area.dataset.drafts, sent).catch(() => null);
  if (answer?.ok) sessionStorage.removeItem(placeOf(area));
  else if (area.isConnected) sessionStorage.setItem(placeOf(area), said.note);
  tell(area, answer?.ok && said.note === area.value && said.note.trim() !== "");
}

function typed(event) {
  const area = areaIn(event.target);
  if (!area || !event.target.matches("[data-drafts], [name=audience]")) return;
  clearTimeout(timers.get(area));
  timers.set(area, setTimeout(keep, PAUSE, area));
  tell(area, false);
}

function leave() {
  for (const area of timers.keys()) if (area.isConnected) keep(area);
}

document.addEventListener("input", typed);
document.addEventListener("change", typed);
document.addEventListener("visibilitychange", () => document.hidden && leave());
window.addEventListener("pagehide", leave);

// Once it is sent it is no draft; where the sending failed it still is one.
document.addEventListener("submit", (event) => {
  const area = areaIn(event.target);
  if (!area || area.form !== event.target) return;
  clearTimeout(timers.get(area));
  timers.delete(area);
});
for (const name of ["htmx:error", "htmx:response:error"]) {
  document.addEventListener(name, (event) => {
    const area = areaIn(event.detail.ctx?.sourceElement ?? document.body);
    if (area?.isConnected && area.value.trim()) keep(area);
  });
}

// A comment that is there takes its composer with it. What was written on while it was on its way, or while one of one's
// own came from elsewhere, goes into the next one.
const onTheWay = new WeakMap();
let writtenOn = [];
const restOf = (text, sent) => (text.startsWith(sent) ? text.slice(sent.length).trimStart() : text);

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  const area = ctx.sourceElement?.matches?.("form") ? areaIn(ctx.sourceElement) : null;
  if (area) onTheWay.set(ctx, { area, text: area.value });
});
document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  const sent = onTheWay.get(ctx);
  const isThere = sent && ctx.response.status < 400;
  if (isThere) {
    clearTimeout(timers.get(sent.area));
    sessionStorage.removeItem(placeOf(sent.area));
  }
  const areas = [...document.querySelectorAll("[data-drafts]")];
  const rest = areas.map((area) => [area, isThere && area === sent.area ? restOf(area.value, sent.text) : area.value]);
  writtenOn = rest.filter(([, text]) => text.trim());
});
// In the same turn as the swap, before another key can come.
document.addEventListener("htmx:before:settle", () => {
  for (const [area, text] of writtenOn.filter(([area]) => !area.isConnected)) {
    const next = document.querySelector(`[data-drafts="${CSS.escape(area.dataset.drafts)}"]`);
    if (!next || next.value === text) continue;
    next.value = text;
    next.dispatchEvent(new Event("input", { bubbles: true }));
  }
});

for (const area of document.querySelectorAll("[data-drafts]")) {
  const left = sessionStorage.getItem(placeOf(area));
  if (left === null || left === area.value) continue;
  area.value = left;
  keep(area);
}
