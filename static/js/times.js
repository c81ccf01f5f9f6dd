// Keeps "3h ago" true while the page stays open, in the words that the server uses.
const words = document.getElementById("relative-words").dataset;

// "5d 2h", "9h 20m", "34m"
function duration(minutes) {
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  const span = days
    ? hours && days < 10 ? words.daysHours : words.days
    : hours ? (rest ? words.hoursMinutes : words.hours) : words.minutes;
  return span.replace("{days}", days).replace("{hours}", hours).replace("{minutes}", rest);
}

function refresh() {
  for (const time of document.querySelectorAll("time[data-relative]")) {
    const ahead = Date.parse(time.dateTime) - Date.now();
    const minutes = Math.floor(Math.abs(ahead) / 60_000);
    if (minutes) time.textContent = (ahead > 0 ? words.ahead : words.ago).replace("{time}", duration(minutes));
  }
}

setInterval(refresh, 60_000);
