// Progressive enhancement only: everything on these pages works without it.
import htmx from "htmx.org";
import "./form.js";
import "./diff.js";
import "./copy.js";
import "./fill.js";
import "./toggle.js";
import "./follow.js";
import "./zones.js";

window.htmx = htmx;

// An error summary takes the focus, so that a screen reader begins there.
document.querySelector("[data-takes-focus]")?.focus();
