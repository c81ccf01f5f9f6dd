// Keeps "3h ago" true while the page stays open, in the words that the server uses.
const lang = document.documentElement.lang;
const words = document.getElementById("relative-words").dataset;

const amount = (value, unit) =>
  new Intl.NumberFormat(lang, { style: "unit", unit, unitDisplay: "narrow" }).format(value);

// "5d 2h", "9h 20m", "34m"
function duration(minutes) {
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  const parts = days
    ? [amount(days, "day"), hours && days < 10 && amount(hours, "hour")]
    : [hours && amount(hours, "hour"), rest && amount(rest, "minute")];
  return parts.filter(Boolean).join(" ");
}

function refresh() {
  for (const time of document.querySelectorAll("time[data-relative]")) {
    const ahead = Date.parse(time.dateTime) - Date.now();
    const minutes = Math.floor(Math.abs(ahead) / 60_000);
    if (minutes) time.textContent = (ahead > 0 ? words.ahead : words.ago).replace("{time}", duration(minutes));
  }
}

setInterval(refresh, 60_000);
