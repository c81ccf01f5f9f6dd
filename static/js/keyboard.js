// Single keys press the visible button that does the same, so mouse and keyboard share one path.
// Which keys there are says the sheet (app/web/shortcuts.py). They do nothing in fields and can be switched off
// (data-single-keys="off" on <html>).
const GO_WITHIN = 1200;
let goUntil = 0;
let pending = "";

const first = (selector, root = document) =>
  [...root.querySelectorAll(selector)].find((element) => element.checkVisibility() && !element.disabled);
const isTyping = (element) =>
  element.closest("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio])") !== null;
const overlayIsOpen = () => document.querySelector("dialog[open], [popover]:popover-open") !== null;

// Answered by selection.js.
const ask = (name, detail = {}) => document.dispatchEvent(new CustomEvent(name, { detail }));
const currentItem = () => document.querySelector('[data-item][aria-current="true"]');

// A decision acts only on the request that the pane shows; with rows checked it goes to the bulk bar.
function decide(name) {
  const pane = document.querySelector("[data-preview]");
  const bulk = first("[data-bulk]");
  if (bulk && document.querySelector("[data-item] .check:checked")) {
    return first(name === "reject" ? "[value=reject]" : ".btn", bulk)?.focus();
  }
  if (pane && pane.dataset.preview !== currentItem()?.dataset.key) return;
  const button = first(`[data-act="${name}"]`, pane ?? document);
  if (!button) return;
  const reason = button.form && first("[data-reason]", button.form);
  if (name === "sendback" || name === "reject" || (name === "approve" && reason?.dataset.reason === "always")) {
    return intend(button, reason);
  }
  if (lacksPassword(button.form)) return intend(button, passwordOf(button.form));
  button.focus(); // so that a form which takes its place takes the focus too
  button.click();
}

// What needs a reason, or a password: the cursor goes there first, and Ctrl+Enter (in the password Enter too) then
// presses this button.
function intend(button, field) {
  if (!field) return button.click();
  for (const other of button.form.querySelectorAll(".intended")) other.classList.remove("intended");
  button.classList.add("intended");
  field.focus();
}

const passwordOf = (form) => form && first("[data-password]", form);
const lacksPassword = (form) => passwordOf(form)?.value === "";

function send(field) {
  const form = field.form;
  const intended = form.querySelector(".intended");
  const decision = first("[data-act]", form);
  if (decision && !intended) return decision.focus();
  form.requestSubmit(intended ?? [...form.elements].find((one) => one.type === "submit"));
}

// In a list, of what is ticked or else of the row that one is at: the page that changes several opens at this field.
function change(field) {
  const bulk = document.querySelector("form[data-bulk]");
  if (!bulk) return;
  if (!document.querySelector("[data-item] .check:checked")) ask("list:check");
  if (!document.querySelector("[data-item] .check:checked")) return;
  bulk.action = `${bulk.getAttribute("action").split("#")[0]}#f-${field}`;
  bulk.requestSubmit(bulk.querySelector("[type=submit]:not([name])"));
}

// The focus first: what it opens takes it from there, and gives it back.
function press(button) {
  button?.focus();
  button?.click();
}

const FIELDS = { comment: "[data-comment], [data-preview] [data-reason]", filter: "[data-filter]" };
const BUTTONS = { assignee: '[data-hotkey="i"]', priority: '[data-hotkey="p"]', move_to: ".moves :is(summary, button)" };

const VERBS = {
  press: (key) => press(first(`[data-hotkey="${key}"]`)),
  go: (url) => window.location.assign(url),
  sheet: () => document.getElementById("keyboard").showModal(),
  undo: () => first("[data-undo]")?.click(),
  focus: (name) => first(FIELDS[name])?.focus(),
  move: (step) => {
    const neighbour = first(`[data-step="${step}"]`); // of a ticket that was opened from a list
    if (neighbour) neighbour.click();
    else ask("list:move", { step: Number(step) });
  },
  check: (_, event) => ask("list:check", { range: event.shiftKey }),
  decide: (name) => decide(name),
  change: (field) => {
    const button = first(BUTTONS[field]);
    if (!button) change(field);
    else if (field === "move_to") button.focus();
    else press(button);
  },
};

// The sheet is the table: what it does not list does nothing.
const table = new Map(
  [...document.querySelectorAll("#keyboard [data-typed]")].map(({ dataset }) => [dataset.typed, dataset]),
);
const begins = (key) => [...table.keys()].some((typed) => typed.startsWith(`${key} `));

function single(event) {
  const key = event.key.toLowerCase();
  const second = performance.now() < goUntil && table.get(`${pending} ${key}`);
  goUntil = 0;
  if (!second && begins(key)) {
    return () => ([pending, goUntil] = [key, performance.now() + GO_WITHIN]);
  }
  const bound = second || table.get(key);
  if (event.repeat && bound?.verb !== "move") return null;
  return bound && (() => VERBS[bound.verb](bound.what, event));
}

function arrows(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return null;
  if (event.altKey) {
    const button = event.target.closest("[data-movable]")?.querySelector(`[data-move="${step > 0 ? "down" : "up"}"]`);
    return button && (() => button.click());
  }
  return event.target.closest("[data-item]") && (() => ask("list:move", { step }));
}

// A key that is held down presses once: what it would press next is something that nobody has read.
const pressesAgain = ({ repeat, key, ctrlKey, metaKey, target }) =>
  repeat && key === "Enter" && (ctrlKey || metaKey || !target.closest("textarea, [contenteditable]"));

function actionOf(event) {
  if (event.key === "Enter" && event.target.matches("[data-password]")) return () => send(event.target);
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    return event.target.matches("textarea") && event.target.form && (() => send(event.target));
  }
  if (event.ctrlKey || event.metaKey || overlayIsOpen()) return null;
  if (event.key === "Escape") return () => escape(event.target);
  const arrow = arrows(event);
  if (arrow && (event.altKey || !isTyping(event.target))) return arrow;
  if (event.altKey || isTyping(event.target) || document.documentElement.dataset.singleKeys === "off") return null;
  return single(event);
}

function escape(target) {
  for (const button of document.querySelectorAll(".intended")) button.classList.remove("intended");
  if (isTyping(target)) return target.blur();
  const cancel = first("[data-cancel]");
  if (cancel) cancel.click();
  else ask("list:clear");
}

// The palette's choice of something that this page offers.
document.addEventListener("page:act", ({ detail: { element } }) => {
  if (element.dataset.act) decide(element.dataset.act);
  else if (element.matches("input, textarea")) element.focus();
  else element.click();
});
// Pressed before the password was typed: Enter in it presses the same once more, and no other.
document.addEventListener(
  "click",
  ({ target }) => {
    const button = target.closest?.("[name=decision]");
    if (button && lacksPassword(button.form)) intend(button, passwordOf(button.form));
  },
  true,
);
// Nor does a double click: the second may land on the next request, which has come under the pointer meanwhile.
document.addEventListener(
  "click",
  (event) => {
    if (event.detail < 2 || !event.target.closest?.("[name=decision]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);
document.addEventListener("keydown", (event) => {
  if (event.isComposing) return; // Escape and Enter are the input method's
  if (pressesAgain(event)) return event.preventDefault();
  const act = actionOf(event);
  if (!act) return;
  event.preventDefault();
  act(event);
});
