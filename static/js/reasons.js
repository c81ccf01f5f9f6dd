// A reason that was typed and not sent yet is there again when its request is: meanwhile one may look at the next one,
// open the form that hands it over, or leave the page. In this tab, and for whoever is signed in.
const SHELF = "reasons";
const MOST = 50;
const writer = document.body.getAttribute("hx-headers:inherited") ?? "";

function shelf() {
  try {
    const found = JSON.parse(sessionStorage.getItem(SHELF));
    return found?.writer === writer ? found.texts : {};
  } catch {
    return {};
  }
}

function keep(area, text) {
  const { [area.id]: _, ...others } = shelf();
  const texts = text.trim() ? { ...others, [area.id]: text } : others;
  const latest = Object.entries(texts).slice(-MOST);
  sessionStorage.setItem(SHELF, JSON.stringify({ writer, texts: Object.fromEntries(latest) }));
}

function restore() {
  const texts = shelf();
  for (const area of document.querySelectorAll("[data-reason]")) {
    if (area.value !== "" || !texts[area.id]) continue;
    area.value = texts[area.id];
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

const reasonOf = (element) => element?.closest?.("form")?.querySelector("[data-reason]");

document.addEventListener("input", ({ target }) => target.matches("[data-reason]") && keep(target, target.value));
document.addEventListener("submit", ({ target }) => reasonOf(target) && keep(reasonOf(target), ""));
for (const name of ["htmx:error", "htmx:response:error"]) {
  document.addEventListener(name, ({ detail: { ctx } }) => {
    const area = reasonOf(ctx?.sourceElement);
    if (area) keep(area, area.value);
  });
}
document.addEventListener("htmx:after:swap", restore);
restore();
