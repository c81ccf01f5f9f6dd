// A card that is dropped presses the button that its own menu has for that column: one way to move, two ways to ask.
let dragged = null;

const column = (element) => element?.closest?.("[data-column]");
const takes = (place) => Boolean(dragged && place && dragged.dataset.drops.split(" ").includes(place.dataset.column));

function clear() {
  for (const place of document.querySelectorAll("[data-column]")) {
    delete place.dataset.takes;
    delete place.dataset.refuses;
  }
  dragged = null;
}

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-board] [data-drops]") ?? null;
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.dataset.key);
  for (const place of document.querySelectorAll("[data-column]")) {
    if (takes(place)) place.dataset.takes = "";
    else if (place !== column(dragged)) place.dataset.refuses = "";
  }
});
document.addEventListener("dragover", (event) => {
  if (takes(column(event.target))) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  const place = column(event.target);
  if (!takes(place)) return;
  event.preventDefault();
  dragged.querySelector(`button[name="to"][value="${place.dataset.column}"]`)?.click();
});
document.addEventListener("dragend", clear);

// A moved card has the focus by the address. One that has no column here, or is further down in it, leaves it to the board.
if (location.hash.startsWith("#card-") && !document.getElementById(location.hash.slice(1))) {
  document.querySelector("[data-board]")?.focus();
}
