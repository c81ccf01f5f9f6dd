// Shows a text as its readers will see it, made by the server; pressed again, the text is there to write in. A text that
// is written on before the answer comes stays where it is: hidden under somebody's hands, its keys would press buttons.
const shownFor = (area) => area.parentElement.querySelector(":scope > .preview");

function write(button, area) {
  shownFor(area)?.remove();
  area.hidden = false;
  button.setAttribute("aria-pressed", "false");
  area.focus();
}

async function show(button, area) {
  const text = area.value;
  const body = new URLSearchParams({ text, _csrf: area.form.elements._csrf.value });
  const answer = await fetch("/preview", { method: "POST", body, headers: { "hx-request": "true" } }).catch(() => null);
  const html = answer?.ok ? await answer.text().catch(() => null) : null;
  if (html === null) {
    const said = document.getElementById("request-failed").content.querySelector("b").textContent;
    document.dispatchEvent(new CustomEvent("toast", { detail: { text: said, tone: "neg" } }));
    return;
  }
  if (!area.isConnected || area.value !== text || document.activeElement === area) return;
  const shown = document.createRange().createContextualFragment(html).firstElementChild;
  shown.id = `${area.id}-preview`;
  shownFor(area)?.remove();
  area.after(shown);
  area.hidden = true;
  button.setAttribute("aria-pressed", "true");
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-previews]");
  if (!button) return;
  const area = document.getElementById(button.dataset.previews);
  if (shownFor(area)) write(button, area);
  else show(button, area);
});
