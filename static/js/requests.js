// What happens around a request: sent once, marked busy meanwhile, and when it fails nothing typed is lost.
const lastSubmitter = new WeakMap();
const sending = new WeakSet();

const copyOf = (id) => document.getElementById(id).content.cloneNode(true);
const formOf = (element) => element?.closest?.("form") ?? null;

function busy(button, isBusy) {
  if (!button?.matches?.(".btn")) return;
  for (const attribute of ["aria-busy", "aria-disabled"]) {
    if (isBusy) button.setAttribute(attribute, "true");
    else button.removeAttribute(attribute);
  }
}

function started(form) {
  sending.add(form);
  busy(lastSubmitter.get(form), true);
}

function ended(form) {
  sending.delete(form);
  busy(lastSubmitter.get(form), false);
  hold(form, false);
  for (const field of form.querySelectorAll("[data-password]")) field.value = ""; // a wrong one is typed anew
}

// What was sent is on its way, and its answer takes the fields: nothing is typed into them that would then be gone. A
// composer keeps what is written on (drafts.js).
function hold(form, isHeld) {
  for (const field of form.querySelectorAll(isHeld ? "textarea:not([data-drafts], [readonly]), input:not([readonly])" : "[data-held]")) {
    field.readOnly = isHeld;
    field.toggleAttribute("data-held", isHeld);
  }
}

// The button stays enabled, so that its name and value are sent and the focus stays on it.
document.addEventListener(
  "submit",
  (event) => {
    if (sending.has(event.target)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    lastSubmitter.set(event.target, event.submitter);
  },
  true,
);
document.addEventListener("submit", (event) => {
  const posts = event.target.getAttribute("method")?.toLowerCase() === "post";
  if (posts && !event.defaultPrevented) started(event.target);
});
window.addEventListener("pageshow", () => document.querySelectorAll("form").forEach(ended));

document.addEventListener("htmx:before:request", (event) => {
  const form = formOf(event.detail.ctx.sourceElement);
  if (!form) return;
  form.querySelectorAll("[data-request-failed]").forEach((note) => note.remove());
  if (event.detail.ctx.sourceElement !== form) return;
  started(form);
  if (event.detail.ctx.sourceEvent?.type === "submit" && event.detail.ctx.request.method !== "GET") hold(form, true);
});
// Answered is ended: a morph makes the next form out of this one, and that one must be free as soon as it is seen.
for (const name of ["htmx:before:swap", "htmx:finally:request"]) {
  document.addEventListener(name, (event) => {
    const form = formOf(event.detail.ctx.sourceElement);
    if (form) ended(form);
  });
}

function tell(source, template) {
  const form = formOf(source);
  if (!form || form.matches("[data-display]")) {
    const text = document.getElementById("request-failed").content.querySelector("b").textContent;
    document.dispatchEvent(new CustomEvent("toast", { detail: { text, tone: "neg" } }));
    return;
  }
  const note = copyOf(template).firstElementChild;
  note.dataset.requestFailed = "";
  if (lastSubmitter.get(form)?.isConnected) note.append(copyOf("request-retry"));
  form.append(note);
}

document.addEventListener("htmx:error", (event) => tell(event.detail.ctx?.sourceElement, "request-failed"));
document.addEventListener("htmx:response:error", (event) => {
  const { status, headers } = event.detail.ctx.response;
  if (headers.has("hx-trigger")) return; // the server has said it in its own words
  if (status === 401) tell(event.detail.ctx.sourceElement, "signed-out");
  else if (status >= 500) tell(event.detail.ctx.sourceElement, "request-failed");
});
document.addEventListener("click", (event) => {
  const form = event.target.closest("[data-retry]")?.closest("form");
  if (form) form.requestSubmit(lastSubmitter.get(form));
});
