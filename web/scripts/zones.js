// Tells in the reader's own time zone what the page says in UTC: beside the ends
// of what was given, beneath a date that is typed, and elsewhere in the tip under
// the pointer. Nothing that stands on the page is replaced.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const sameAsUTC = ["UTC", "Etc/UTC", "Etc/GMT", "GMT", undefined].includes(zone);

const parts = (at, timeZone) =>
  Object.fromEntries(
    new Intl.DateTimeFormat("en-US", {
      timeZone, day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
    }).formatToParts(at).map(({ type, value }) => [type, value]),
  );
const day = (p) => `${p.day} ${p.month} ${p.year}`;
const time = (p) => `${p.hour}:${p.minute}`;

/** own is a moment in the reader's zone; the day only where it is another than in UTC. */
function own(at) {
  const here = parts(at, zone);
  return (day(here) === day(parts(at, "UTC")) ? time(here) : `${day(here)}, ${time(here)}`) + ` in ${zone}`;
}

function tell(element) {
  const at = new Date(element.dateTime);
  if (element.dataset.told || Number.isNaN(at.valueOf())) return;
  element.dataset.told = "yes";
  if (element.dataset.zone !== "beside") {
    const here = parts(at, zone);
    element.title = `${day(here)}, ${time(here)} in ${zone}`;
    return;
  }
  const beside = document.createElement("span");
  beside.className = "moment-zone";
  beside.textContent = `(${own(at)})`;
  element.append(" ", beside);
}

// As the server reads an end: a day begins at 00:00 UTC, and a moment says its offset.
const dayTyped = /^\d{4}-\d{2}-\d{2}$/;
const momentTyped = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

function typed(text) {
  if (dayTyped.test(text)) return new Date(`${text}T00:00:00Z`);
  return new Date(momentTyped.test(text) ? text : NaN);
}

function tellBeneath(place) {
  const at = typed(document.getElementById(place.dataset.zoneOf).value.trim());
  const said = Number.isNaN(at.valueOf()) ? "" : `${day(parts(at, "UTC"))}, ${time(parts(at, "UTC"))} UTC is ${own(at)}.`;
  if (place.textContent !== said) place.textContent = said;
}

function tellAll() {
  document.querySelectorAll("time[datetime]").forEach(tell);
  document.querySelectorAll("[data-zone-of]").forEach(tellBeneath);
}

if (!sameAsUTC) {
  document.querySelectorAll("[data-zone-note]").forEach((note) => {
    note.textContent = `Times are in UTC; now it is ${own(new Date())}.`;
  });
  tellAll();
  document.addEventListener("htmx:afterSettle", tellAll);
  document.addEventListener("input", (event) => {
    document.querySelectorAll("[data-zone-of]").forEach((place) => {
      if (place.dataset.zoneOf === event.target.id) tellBeneath(place);
    });
  });
}
