// The palette: a field over a list of choices (a combobox). The focus stays in the field; aria-activedescendant says
// which choice is meant. The server finds places, forms and tickets; what this page itself offers is added here, from
// its visible buttons, and choosing it presses the button. Without this the palette's link leads to a page.
const dialog = document.getElementById("palette");
const field = document.getElementById("palette-words");
const ACTS = `[data-act], [data-hotkey], [data-undo], [data-comment], [data-filter], .head .actions :is(a, button),
  .moves :is(summary, .mv > .btn), .props button[popovertarget]`;
const MOST_ACTS = 8;

const list = () => document.getElementById("palette-choices");
const choices = () => [...list().querySelectorAll("[role=option]")];
const chosen = () => list().querySelector('[aria-selected="true"]');
const pressed = new WeakMap();

function open() {
  if (dialog.open || document.querySelector("dialog[open]")) return;
  dialog.showModal();
  field.select();
  list().replaceChildren();
  offerThisPage();
  field.dispatchEvent(new CustomEvent("palette:opened"));
}

// A property's button says its value only; what it is of stands before it.
function nameOf(element) {
  const words = element.getAttribute("aria-label") ?? element.labels?.[0]?.textContent ?? wordsIn(element);
  const property = element.closest(".props .p")?.querySelector("dt");
  return (property ? `${property.textContent}: ${words.trim()}` : words).replace(/\s+/g, " ").trim();
}

function wordsIn(element) {
  const copy = element.cloneNode(true);
  for (const key of copy.querySelectorAll(".kbd, .sr")) key.remove();
  return copy.textContent;
}

function actsHere() {
  const found = new Map();
  for (const element of document.querySelectorAll(`#main :is(${ACTS})`)) {
    const name = nameOf(element);
    if (name && !found.has(name) && element.checkVisibility() && !element.closest("dialog, [popover]")) {
      found.set(name, element);
    }
  }
  return found;
}

// Decisions before everything else.
function offerThisPage() {
  document.getElementById("palette-here")?.closest(".og").remove();
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  const fitting = [...actsHere()].filter(([name]) => words.every((word) => name.toLowerCase().includes(word)));
  fitting.sort(([, one], [, other]) => Boolean(other.dataset.act) - Boolean(one.dataset.act));
  if (!fitting.length) return choose(choices()[0]);
  const group = document.getElementById("palette-page").content.cloneNode(true).firstElementChild;
  for (const [at, [name, element]] of fitting.slice(0, MOST_ACTS).entries()) group.append(act(name, element, at));
  list().prepend(group);
  choose(choices()[0]);
}

function act(name, element, at) {
  const option = document.getElementById("palette-act").content.cloneNode(true).firstElementChild;
  option.id = `palette-here-${at + 1}`;
  option.querySelector(".trunc").textContent = name;
  const icon = element.querySelector("svg.icon");
  if (icon) option.prepend(icon.cloneNode(true));
  for (const key of element.querySelectorAll(".kbd")) option.querySelector(".k").append(key.cloneNode(true));
  pressed.set(option, element);
  return option;
}

function choose(option) {
  chosen()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-expanded", String(choices().length > 0));
  if (option) field.setAttribute("aria-activedescendant", option.id);
  else field.removeAttribute("aria-activedescendant");
}

function move(step) {
  const all = choices();
  if (all.length) choose(all[(all.indexOf(chosen()) + step + all.length) % all.length]);
}

// Closed first: the focus is back on the page when its button is pressed.
function run(option, { elsewhere = false } = {}) {
  if (!option) return;
  const element = pressed.get(option);
  if (elsewhere && option.href) return window.open(option.href, "_blank", "noopener");
  dialog.close();
  if (element) document.dispatchEvent(new CustomEvent("page:act", { detail: { element } }));
  else window.location.assign(option.href);
}

const KEYS = {
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  Enter: (event) => run(chosen(), { elsewhere: event.ctrlKey || event.metaKey }),
};

document.addEventListener("keydown", (event) => {
  if (!dialog || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  if (event.key.toLowerCase() !== "k") return;
  event.preventDefault();
  open();
});
document.addEventListener("click", (event) => {
  if (!dialog || !event.target.closest("[data-palette]") || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  open();
});
field?.addEventListener("input", offerThisPage);
field?.addEventListener("keydown", (event) => {
  const does = event.isComposing ? null : KEYS[event.key];
  if (!does) return;
  event.preventDefault();
  does(event);
});
dialog?.addEventListener("click", (event) => {
  const option = event.target.closest("[role=option]");
  if (!option || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  run(option);
});
// In the same turn as the swap: Enter must never find a list in which nothing is chosen yet.
document.addEventListener("htmx:before:settle", (event) => {
  if (!dialog?.open || !event.target.closest?.("#palette")) return;
  offerThisPage();
  document.getElementById("palette-said").textContent = list().dataset.said;
});
