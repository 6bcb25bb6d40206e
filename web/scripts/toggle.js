// The theme switch in the header: light or dark, kept in this browser.
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-theme-toggle]")) return;
  const root = document.documentElement;
  const dark = root.dataset.bsTheme
    ? root.dataset.bsTheme === "dark"
    : window.matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.bsTheme = dark ? "light" : "dark";
  try {
    localStorage.setItem("tenure-theme", root.dataset.bsTheme);
  } catch {
    // Storage can be switched off; the choice then lasts as long as the page.
  }
});
