// Files into a form by drop or paste, and how far the sending is. Without this the form sends them all the same.
// A text may name the form that takes its files (data-files-of), where it stands in another one itself.
const formFor = (target) =>
  target?.closest?.("[data-upload]") ?? document.getElementById(target?.closest?.("[data-files-of]")?.dataset.filesOf ?? "");
const inputOf = (form) => form.querySelector('input[type="file"]');

function give(form, files) {
  const input = inputOf(form);
  const all = new DataTransfer();
  for (const file of [...input.files, ...files]) all.items.add(file);
  input.files = all.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

// Beside the button stands what was chosen, as the browser's own control would say it.
document.addEventListener("change", ({ target }) => {
  const said = target.matches?.(".filepick > input") && target.parentElement.querySelector(".chosen");
  if (!said) return;
  said.value = [...target.files].map((file) => file.name).join(", ");
  said.title = said.value;
});

// A pasted picture is called image.png by every browser: a name of its own tells several apart.
function named(file) {
  if (file.name !== "image.png") return file;
  const moment = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
  return new File([file], `pasted-${moment}.png`, { type: file.type });
}

function refer(form, files, target) {
  const text = target?.closest?.("textarea[data-files-of]") ?? form.querySelector("textarea");
  if (!text) return;
  for (const file of files.filter((one) => one.type.startsWith("image/"))) {
    text.setRangeText(`![${file.name}](attachment:${encodeURIComponent(file.name)})\n`, text.selectionStart, text.selectionEnd, "end");
  }
}

document.addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files ?? [])].map(named);
  const form = formFor(event.target) ?? document.querySelector("form[data-upload]:not(.composer)");
  if (!files.length || !form) return;
  event.preventDefault();
  give(form, files);
  refer(form, files, event.target);
});

for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    const form = formFor(event.target);
    if (!form || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    form.toggleAttribute("data-over", name === "dragover");
    if (name !== "drop") return;
    const files = [...event.dataTransfer.files];
    give(form, files);
    refer(form, files, event.target);
  });
}

// fetch does not tell how much was sent, so while files are on their way htmx's request goes through XMLHttpRequest.
function sent(url, { method, headers, body, signal }, bar) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers ?? {})) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", ({ loaded, total }) => (bar.value = (100 * loaded) / (total || 1)));
    request.addEventListener("load", () => {
      const lines = request.getAllResponseHeaders().trim().split("\r\n");
      const told = new Headers(lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]));
      resolve(new Response(request.responseText, { status: request.status, headers: told }));
    });
    request.addEventListener("error", () => reject(new TypeError("network")));
    signal?.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}

// A question among others is sent with all that is typed around it, but not with the files of another question.
document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  const own = ctx.sourceElement?.matches?.("form [data-upload]") ? inputOf(ctx.sourceElement).name : null;
  if (!own) return;
  const { body } = ctx.request;
  for (const [name, value] of [...body]) if (value instanceof File && name !== own) body.delete(name);
});

// What is on its way, by request, for the swap gives it another source: the form, and the files if they are all it sends.
const underway = new Map();
let waiting = null;

function leave(input, files) {
  const left = new DataTransfer();
  for (const file of files) left.items.add(file);
  input.files = left.files;
}

// Files that are there are sent no second time; what was given meanwhile stays chosen.
document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  const sending = underway.get(ctx);
  if (!sending?.files || ctx.response.status >= 400) return;
  sending.rest = [...inputOf(sending.form).files].filter((file) => !sending.files.includes(file));
  leave(inputOf(sending.form), sending.rest);
});
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  const { form, rest } = underway.get(ctx) ?? {};
  if (!rest?.length || form.isConnected) return;
  const next = document.querySelector(`[data-upload][action="${CSS.escape(form.getAttribute("action"))}"]`);
  if (next) give(next, rest);
});

document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = event.detail;
  const form = ctx.sourceElement;
  if (!form?.matches?.("[data-upload]") || !inputOf(form).files.length) return;
  const bar = form.querySelector("progress");
  bar.hidden = false;
  bar.value = 0;
  underway.set(ctx, { form, files: form.matches("form") ? [...inputOf(form).files] : null });
  ctx.fetch = (url, options) => sent(url, options, bar).finally(() => (bar.hidden = true));
});

// Whoever submits while a file of the form is on its way waits for it: it is part of what they ask for.
document.addEventListener(
  "submit",
  (event) => {
    if (![...underway.values()].some(({ form }) => form !== event.target && event.target.contains(form))) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    waiting = { form: event.target, submitter: event.submitter };
  },
  true,
);

// Then the forecast is asked anew, for what is attached may decide who approves.
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  if (!underway.delete(ctx)) return;
  document.getElementById("request")?.dispatchEvent(new Event("change"));
  if (!waiting || underway.size) return;
  const { form, submitter } = waiting;
  waiting = null;
  if (form.isConnected) form.requestSubmit(submitter?.isConnected ? submitter : null);
});
