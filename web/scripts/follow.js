// Keeps a request's page up to date while Tenure commits the request. The server
// sends the parts that changed since the page was made, or nothing, and htmx puts
// them in: what has the focus keeps it, and nothing else moves.
import htmx from "htmx.org";

const pause = 2000; // milliseconds between an answer and the next question
const away = "Tenure does not answer at the moment. This page goes on asking.";

async function ask(place) {
  const answer = await fetch(place.dataset.follow, { headers: { "HX-Request": "true" } });
  if (answer.status === 401) location.reload(); // leads to signing in, and back
  if (answer.headers.get("Tenure-Fragment") === "1") {
    htmx.swap(place, await answer.text(), { swapStyle: "none" });
  }
  return answer.status < 500;
}

async function follow() {
  const place = document.querySelector("[data-follow]");
  if (!place) return;
  place.dataset.words ??= place.textContent;
  if (!document.hidden) {
    const answered = await ask(place).catch(() => false);
    place.textContent = answered ? place.dataset.words : away;
  }
  setTimeout(follow, pause);
}

setTimeout(follow, pause);
