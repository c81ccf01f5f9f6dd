// Words that are kept nowhere yet are asked about before their page goes. Comments, reasons and new requests are kept as they
// are typed.
const sent = new WeakSet();

const isText = (field) => field.matches("textarea, input:not([type=checkbox], [type=radio], [type=file], [type=hidden], [type=password])");
const mayBeLost = (form) => (field) =>
  (form.hasAttribute("data-asks-before-leaving") ? isText(field) : field.matches("textarea")) &&
  !field.matches("[data-drafts], [data-reason]") &&
  field.value !== field.defaultValue &&
  field.checkVisibility();

const holdsWords = (form) => !sent.has(form) && [...form.elements].some(mayBeLost(form));

window.addEventListener("beforeunload", (event) => {
  if ([...document.querySelectorAll("form[method=post]:not([data-kept])")].some(holdsWords)) event.preventDefault();
});

// What was sent may lead elsewhere; what failed, or is written on, may not.
document.addEventListener("submit", ({ target }) => sent.add(target), true);
document.addEventListener("input", ({ target }) => target.form && sent.delete(target.form), true);
for (const name of ["htmx:error", "htmx:response:error"]) {
  document.addEventListener(name, ({ detail: { ctx } }) => sent.delete(ctx?.sourceElement?.closest?.("form")));
}
