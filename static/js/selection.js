// Where one is in a list, what is checked, and where the focus goes when a row leaves.
// [data-item] is a row, [aria-current=true] the one that one is at; [data-preview] is the pane beside the list.
const visible = (selector, root = document) =>
  [...root.querySelectorAll(selector)].filter((element) => element.checkVisibility());

const items = () => visible("[data-item]");
const currentItem = () => items().find((item) => item.getAttribute("aria-current") === "true");
const checkedItems = () => items().filter((item) => item.querySelector(".check:checked"));

function setChecks(list, checked) {
  for (const box of list.flatMap((item) => [...item.querySelectorAll(".check")])) box.checked = checked;
}

// Tells the row with the event `itemselect`, on which it may load its preview (hx-trigger="itemselect delay:120ms").
function select(item, { announce = true } = {}) {
  const list = items();
  for (const other of list) other.removeAttribute("aria-current");
  item.setAttribute("aria-current", "true");
  (item.querySelector("a[href]") ?? item).focus();
  item.scrollIntoView({ block: "nearest" });
  if (announce) item.dispatchEvent(new CustomEvent("itemselect", { bubbles: true }));
}

function move(step) {
  const list = items();
  if (!list.length) return;
  const at = list.indexOf(currentItem());
  select(list[Math.min(Math.max(at + step, 0), list.length - 1)]);
}

let rangeStart = null;

function toggleCheck({ range = false } = {}) {
  const item = currentItem();
  const box = item?.querySelector(".check");
  if (!box) return;
  box.checked = !box.checked;
  const list = items();
  if (range && list.includes(rangeStart)) {
    const [from, to] = [list.indexOf(rangeStart), list.indexOf(item)].sort((a, b) => a - b);
    setChecks(list.slice(from, to + 1), box.checked);
  }
  rangeStart = item;
  count();
}

function clearChecks() {
  setChecks(items(), false);
  count();
}

function count() {
  const checked = checkedItems().length;
  for (const number of document.querySelectorAll("[data-bulk-n]")) number.textContent = checked;
  const all = document.querySelector("[data-check-all]");
  if (!all) return;
  all.checked = checked > 0 && checked === items().length;
  all.indeterminate = checked > 0 && !all.checked;
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-check-all]")) setChecks(items(), event.target.checked);
  if (event.target.matches("[data-check-all], [data-item] .check")) count();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-clear-checks]")) clearChecks();
});

// A ticket that is opened from a list is told which, so that its page leads on to the next; a row is drawn once for all
// lists. Its own links keep it. Before a menu is opened on the link, too.
function nameTheList({ target }) {
  const link = target.closest?.("a[href]");
  if (!link) return;
  const isRow = link.matches("[data-list] [data-item] a");
  const here = link.pathname === location.pathname ? new URLSearchParams(location.search).get("list") : null;
  const list = isRow ? link.closest("[data-list]").dataset.list : here;
  const url = new URL(link.href);
  if (list === null || url.searchParams.has("list")) return;
  url.searchParams.set("list", list);
  link.href = url.pathname + url.search + url.hash;
}
for (const kind of ["click", "auxclick", "contextmenu"]) document.addEventListener(kind, nameTheList, true);

// ---- focus after a swap: the same control, else the next row, else the previous, never <body> ----
const before = new WeakMap();
const CONTROLS = "a[href], button, summary, input, select, textarea";

// A control that is drawn anew is the one that says and does the same, in the part of the page in which it was.
const signOf = (element) =>
  [element.localName, element.name, element.value, element.getAttribute("href"), element.textContent.trim()].join();
const placeOf = (element) => ({ part: element.parentElement?.closest("[id]")?.id, sign: signOf(element) });
const drawnAnew = ({ part, sign }) =>
  visible(CONTROLS, document.getElementById(part) ?? document).find((element) => signOf(element) === sign);

// Several parts may be exchanged at once: each answer keeps its own.
document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  const current = currentItem();
  const focused = document.activeElement;
  const control = focused?.matches(CONTROLS) ? placeOf(focused) : null;
  before.set(ctx, { item: current, at: items().indexOf(current), hadFocus: focused !== document.body, control });
});
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  const was = before.get(ctx);
  count();
  const summary = document.querySelector("[data-error-summary]:not([data-seen]), [data-takes-focus]:not([data-seen])");
  if (summary) {
    summary.dataset.seen = "";
    summary.focus();
    return;
  }
  if (was?.item && !stillThere(was.item)) return goToNeighbour(was.at);
  // A form that has taken the place of the button which asked for it begins at its first field; a morph may have made
  // another button out of the one that was pressed.
  const isAnother = was?.control && document.activeElement.matches("a, button") && signOf(document.activeElement) !== was.control.sign;
  const begins = isAnother && document.getElementById(was.control.part)?.querySelector("[data-focus]");
  if (begins) return begins.focus();
  // What was folded away still has the focus, until the browser draws the page and takes it.
  if (!was?.hadFocus || (document.activeElement !== document.body && document.activeElement.checkVisibility())) return;
  const next = document.querySelector("[data-focus]") ?? (was.control && drawnAnew(was.control));
  (next ?? document.getElementById("main")).focus();
});

// A row keeps its place if it was swapped for a newer copy of itself.
function stillThere(item) {
  if (item.isConnected) return true;
  const copy = items().find((other) => other.dataset.key && other.dataset.key === item.dataset.key);
  copy?.setAttribute("aria-current", "true");
  return Boolean(copy);
}

function goToNeighbour(at) {
  const list = items();
  const next = list[Math.min(at, list.length - 1)];
  if (!next) return document.getElementById("main").focus();
  const shown = document.querySelector("[data-preview]")?.dataset.preview;
  select(next, { announce: shown !== next.dataset.key });
}

// The keyboard's script asks through the page: scripts have fingerprints in their addresses and import nothing.
document.addEventListener("list:move", (event) => move(event.detail.step));
document.addEventListener("list:check", (event) => toggleCheck(event.detail));
document.addEventListener("list:clear", clearChecks);
count();

// A refused form that came as a whole page: where the first thing is to be mended.
if (document.activeElement === document.body) {
  document.querySelector("[data-error-summary], [aria-invalid=true]:not([type=hidden])")?.focus();
}
