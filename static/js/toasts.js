// Results of actions, said once in the live region. The server sends them as the event `toast` in an HX-Trigger
// header: {"toast": {"text": "…", "undo": "/url or nothing", "seconds": 10, "tone": "neg or nothing"}}.
const SECONDS = 8;
const region = document.getElementById("toasts");

function show({ text, undo, tone, seconds }) {
  const template = undo ? "toast-with-undo" : tone === "neg" ? "toast-failure" : "toast-plain";
  const toast = document.getElementById(template).content.cloneNode(true).firstElementChild;
  toast.querySelector("[data-toast-text]").textContent = text;
  if (undo) {
    const form = toast.querySelector("form");
    form.setAttribute("action", undo);
    form.setAttribute("hx-post", undo);
  }
  region.replaceChildren(toast);
  window.htmx.process(toast);
  leaveAfter(toast, (seconds ?? SECONDS) * 1000);
}

// Time stands still while somebody points at the toast or is in it.
function leaveAfter(toast, milliseconds) {
  let timer = setTimeout(() => toast.remove(), milliseconds);
  const hold = () => clearTimeout(timer);
  const release = () => {
    hold();
    timer = setTimeout(() => toast.remove(), milliseconds);
  };
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("pointerleave", release);
  toast.addEventListener("focusout", release);
}

// What is offered for some seconds only, like taking a decision back, is not there any longer than it works. A morph may
// have made something else of the element meanwhile.
const leaving = new WeakMap();

function leaveInTime() {
  for (const element of document.querySelectorAll("[data-leaves]")) {
    const offer = `${element.getAttribute("action")} ${element.dataset.leaves}`;
    if (leaving.get(element) === offer) continue;
    leaving.set(element, offer);
    setTimeout(() => {
      if (leaving.get(element) === offer && element.matches("[data-leaves]")) element.remove();
    }, element.dataset.leaves * 1000);
  }
}

leaveInTime();
document.addEventListener("htmx:after:swap", leaveInTime);
document.addEventListener("toast", (event) => show(event.detail));
region.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest("[data-toast]").remove());
region.addEventListener("htmx:after:request", (event) => {
  if (event.detail.ctx.response.status < 400) event.target.closest("[data-toast]")?.remove();
});
for (const toast of region.querySelectorAll("[data-toast]")) leaveAfter(toast, SECONDS * 1000);
