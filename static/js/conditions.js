// The condition editor is redrawn by the server at every choice; the cursor stays where it was, goes to the new row, or,
// where somebody tabbed on before the answer came, to the comparison that was not there yet. It is never taken away from
// elsewhere on the page, and what else is exchanged there is none of this. Enter applies a filter.
let added = null;
let chosen = null;
let at = null;
const ours = new WeakSet();

const editorOf = (element) => element?.closest?.("[data-condition]") ?? null;
const nameOf = (element) => (editorOf(element) && element.name && element.name !== "act" ? element.name : null);
const named = (name) => document.getElementsByName(name)[0];

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-condition-act='add'], [data-condition-act='group']");
  if (button) added = editorOf(button).id;
});
document.addEventListener("change", (event) => {
  if (editorOf(event.target) && event.target.name.endsWith(".field")) chosen = event.target.name;
});
document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  if (!editorOf(ctx.sourceElement)) return;
  ours.add(ctx);
  at = nameOf(document.activeElement);
});

function place() {
  const editor = added && document.getElementById(added);
  const fresh = editor && [...editor.querySelectorAll("select[name$='.field']")].findLast((field) => !field.value);
  if (fresh) return fresh;
  if (at) return document.activeElement?.name === at ? null : named(at);
  return chosen ? named(chosen.replace(/field$/, "op")) : null;
}

// What somebody types is not exchanged, so whether it is wrong is not either.
function mark(value) {
  const error = value.closest(".cond-row").querySelector(":scope > .err");
  if (error) {
    value.setAttribute("aria-invalid", "true");
    value.setAttribute("aria-describedby", error.id);
  } else {
    value.removeAttribute("aria-invalid");
    value.removeAttribute("aria-describedby");
  }
}

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (!ours.has(ctx)) return;
  for (const value of document.querySelectorAll("[data-condition] .cond-row [hx-morph-skip]")) mark(value);
  const focused = document.activeElement;
  if (focused === document.body || editorOf(focused)) place()?.focus();
  added = chosen = null;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("form[data-applies] select")) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});
