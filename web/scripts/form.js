// Keeps a form's fields in step with the messages that arrive beside them while
// somebody types: the server sends the text, this marks the inputs.

function mark(problem) {
  const invalid = problem.textContent.trim() !== "";
  for (const input of document.getElementsByName(problem.dataset.problemFor)) {
    input.classList.toggle("is-invalid", invalid);
    if (invalid) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }
}

document.addEventListener("htmx:afterSettle", () => {
  document.querySelectorAll("[data-problem-for]").forEach(mark);
});

function say(sentence) {
  const status = document.getElementById("plan-status");
  if (status) status.textContent = sentence;
}

// The server would lead to its sign-in page; here that would lose what was typed.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.status !== 401) return;
  event.preventDefault();
  say("Your sign-in has ended. Sign in in another tab and go on here: what you typed is still there.");
});

// A form is previewed while somebody types, soon after the last key. htmx takes such
// a request for that of the button that was clicked meanwhile, which adds a row: then
// the row would come in the place of the plan. While a button waits for its answer,
// there is nothing to preview, since that brings the plan along.
document.addEventListener("htmx:confirm", (event) => {
  const { elt } = event.detail;
  if (elt.matches("form") && elt.querySelector("button.htmx-request")) event.preventDefault();
});
document.addEventListener("htmx:configRequest", (event) => {
  const { elt, formData } = event.detail;
  if (!elt.matches("form[hx-post]")) return;
  event.detail.path = elt.getAttribute("hx-post");
  formData.delete("rows");
});

// What a page loads by itself says in its own place that it did not come.
function away(event) {
  const place = event.target.closest("[data-away]");
  if (!place) return false;
  place.textContent = place.dataset.away;
  place.removeAttribute("aria-busy");
  return true;
}

// Only a part of this page may be put into it, never another page.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.getResponseHeader("Tenure-Fragment") === "1") return;
  event.detail.shouldSwap = false;
  if (!away(event)) say("The plan could not be made just now. It is tried again when you change something; you can also submit.");
});

document.addEventListener("htmx:sendError", (event) => {
  if (!away(event)) say("The plan could not be updated: Tenure does not answer. It is tried again when you change something.");
});

// A second click must not send a form twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) event.preventDefault();
  else form.dataset.sent = "1";
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});
