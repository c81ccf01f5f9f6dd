// Theme, density and the switch for single keys: set at once on <html>, taken back if the server refuses.
// Without JavaScript the same forms post and come back.
const root = document.documentElement;
const CHOSEN = "display chosen";
const MAY_BE_OVERTAKEN = 3000;
const SETTINGS = { theme: "theme", density: "density", single_keys: "singleKeys" };

const isDark = () =>
  root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;

function apply(setting, value) {
  const attribute = SETTINGS[setting];
  if (value) root.dataset[attribute] = value;
  else delete root.dataset[attribute];
  for (const button of document.querySelectorAll(`[data-display] button[name="${setting}"][aria-pressed]`)) {
    button.setAttribute("aria-pressed", String(button.value === value));
  }
}

document.addEventListener(
  "click",
  (event) => {
    const toggle = event.target.closest("[data-theme-toggle]");
    if (toggle) toggle.value = isDark() ? "light" : "dark";
  },
  true,
);

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-display]");
  const setting = event.submitter?.name;
  if (!form || !(setting in SETTINGS)) return;
  const before = root.dataset[SETTINGS[setting]] ?? "";
  apply(setting, event.submitter.value);
  remember(setting, event.submitter.value);
  const revert = () => apply(setting, before);
  const settled = new AbortController();
  for (const failure of ["htmx:response:error", "htmx:error"]) {
    form.addEventListener(failure, revert, { signal: settled.signal });
  }
  form.addEventListener(
    "htmx:finally:request",
    () => {
      settled.abort();
      remember(setting, root.dataset[SETTINGS[setting]] ?? "", true);
    },
    { once: true },
  );
});

// Whoever reloads or goes on at once has switched all the same: also on a page that was drawn before, and what no answer
// came to is sent again.
function remember(setting, value, isKept = false) {
  sessionStorage.setItem(CHOSEN, JSON.stringify({ setting, value, isKept, at: Date.now() }));
}
async function takeUp({ setting, value, isKept, at }) {
  if (Date.now() - at > MAY_BE_OVERTAKEN) return;
  apply(setting, value);
  if (isKept) return;
  const body = new URLSearchParams({ [setting]: value, _csrf: document.querySelector("[name=_csrf]").value });
  await fetch("/me/display", { method: "POST", body, headers: { "hx-request": "true" }, keepalive: true });
}
const chosen = sessionStorage.getItem(CHOSEN);
sessionStorage.removeItem(CHOSEN);
if (chosen && document.querySelector("[data-display]")) takeUp(JSON.parse(chosen));
