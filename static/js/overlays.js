// Dialogs: [data-opens=id] opens, [data-closes] closes, and so does a click beside one. Menus are native popovers.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).showModal();
  if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
  if (event.target.matches("dialog[open]")) event.target.close();
});

// A chosen action closes its menu; the popover API leaves it open.
document.addEventListener("click", (event) => {
  const chosen = event.target.closest("[popover] :is(a, button)");
  if (chosen && !chosen.hasAttribute("popovertarget")) chosen.closest("[popover]").hidePopover();
});

// What opens in place takes the cursor: it was opened to write there. Not under a finger: that would raise a keyboard.
document.addEventListener(
  "toggle",
  (event) => {
    if (!event.target.matches("details.mv[open]") || !event.target.contains(document.activeElement)) return;
    if (window.matchMedia("(hover: none)").matches) return;
    event.target.querySelector("form :is(textarea, select, input:not([type=hidden]))")?.focus();
  },
  true,
);
