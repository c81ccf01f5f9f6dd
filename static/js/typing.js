// What is typed after a request was sent stays, whatever its answer says of the time before; and what somebody is writing
// in a part that opens is not closed over them.
const typedAt = new WeakMap();
const sentAt = new WeakMap();
let answering = 0;

const isText = (element) => element.matches?.("textarea, input:not([type=checkbox], [type=radio], [type=file], [type=hidden])");
const isWriting = (area) => area.value !== area.defaultValue;

document.addEventListener("input", ({ target }) => typedAt.set(target, performance.now()), true);
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => sentAt.set(ctx, performance.now()));
document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => (answering = sentAt.get(ctx) ?? 0));

// A morph is told to extensions only. What others do redraws a composer with what was kept of it: what is there stays.
window.htmx.registerExtension("typing", {
  htmx_before_morph_node(_, { oldNode, newNode }) {
    const isUnsent = oldNode.matches?.("[data-drafts]") && isWriting(oldNode);
    if (isUnsent || (isText(oldNode) && typedAt.get(oldNode) > answering)) newNode.defaultValue = oldNode.value;
    else if (oldNode.matches?.("details[open]") && isAtWork(oldNode, newNode)) newNode.open = true;
  },
});

// Once it was sent, the same text stands in what is drawn anew, or there is no such part any more.
function isAtWork(details, drawn) {
  return [...details.querySelectorAll("textarea")].some((area) => {
    const next = drawn.querySelector(`[id="${CSS.escape(area.id)}"]`);
    return next && isWriting(area) && next.defaultValue === area.defaultValue;
  });
}
