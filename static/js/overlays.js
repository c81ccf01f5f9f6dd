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

// A menu that a key has opened takes the focus, and arrows go through it; Esc gives the focus back to its button.
const IN_A_MENU = "a[href], button, select, textarea, input:not([type=hidden])";
const inMenu = (menu) => [...menu.querySelectorAll(IN_A_MENU)].filter((one) => one.checkVisibility() && !one.disabled);

document.addEventListener(
  "toggle",
  ({ target, newState }) => {
    const opener = document.activeElement;
    if (newState !== "open" || opener?.popoverTargetElement !== target || !opener.matches(":focus-visible")) return;
    const all = inMenu(target);
    (all.find((one) => one.matches('[aria-pressed="true"], [aria-current="true"]')) ?? all[0])?.focus();
  },
  true,
);
document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const menu = step && event.target.matches("a, button") && event.target.closest(".menu:popover-open");
  if (!menu) return;
  event.preventDefault();
  const all = inMenu(menu);
  all[(all.indexOf(event.target) + step + all.length) % all.length].focus();
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
