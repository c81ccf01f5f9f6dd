// "@" and a letter ask who is meant; arrows choose, Enter or Tab takes, Escape leaves it. Who knows the name types it.
const CALL = /(?:^|[^\w.@/])@([^\s@][^@\n]{0,59})$/u;
const WAIT = 150;
let area = null;
let timer = 0;

const list = () => document.getElementById("mention-choices");
const options = () => [...(list()?.querySelectorAll('[role="option"]') ?? [])];
const chosen = () => options().find((one) => one.getAttribute("aria-selected") === "true");
const callIn = (field) => CALL.exec(field.value.slice(0, field.selectionStart))?.[1];

function close() {
  clearTimeout(timer);
  list()?.remove();
  for (const name of ["aria-controls", "aria-activedescendant"]) area?.removeAttribute(name);
  area = null;
}

function mark(option) {
  for (const one of options()) one.setAttribute("aria-selected", String(one === option));
  area.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

async function offer(field) {
  const call = callIn(field);
  if (!call) return close();
  const url = new URL(field.dataset.mentions, location.href);
  url.searchParams.set("q", call);
  const answer = await fetch(url, { headers: { "hx-request": "true", "hx-request-type": "partial" } }).catch(() => null);
  const html = answer?.ok ? await answer.text().catch(() => null) : null;
  if (html === null || callIn(field) !== call || document.activeElement !== field) return;
  const found = document.createRange().createContextualFragment(html).querySelector("ul");
  close();
  if (!found?.querySelector("li")) return;
  area = field;
  field.after(found);
  field.setAttribute("aria-controls", found.id);
  mark(options()[0]);
}

function take(option) {
  const field = area;
  const end = field.selectionStart;
  const call = callIn(field);
  if (!call) return close(); // the cursor has gone elsewhere
  field.setRangeText(`@${option.dataset.name} `, end - call.length - 1, end, "end");
  close();
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-mentions]")) return;
  clearTimeout(timer);
  if (!callIn(event.target)) return close();
  timer = setTimeout(offer, WAIT, event.target);
});

document.addEventListener("focusout", (event) => {
  if (event.target === area) close();
});

// Before the focus leaves the text.
document.addEventListener("pointerdown", (event) => {
  const option = event.target.closest("#mention-choices [role=option]");
  if (!option) return;
  event.preventDefault();
  take(option);
});

document.addEventListener(
  "keydown",
  (event) => {
    if (event.target !== area || event.isComposing || event.ctrlKey || event.metaKey) return;
    if (!chosen() || !callIn(area)) return close(); // the page around it was exchanged, or the cursor has gone elsewhere
    const all = options();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) mark(all[(all.indexOf(chosen()) + step + all.length) % all.length]);
    else if (event.key === "Enter" || event.key === "Tab") take(chosen());
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);
