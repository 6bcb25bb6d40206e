// Runs in <head>, before anything is painted, so that a chosen theme does not
// flash. Without a choice the styles follow the system by themselves.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  try {
    const chosen = localStorage.getItem("tenure-theme");
    if (chosen === "light" || chosen === "dark") root.dataset.bsTheme = chosen;
  } catch {
    // Storage can be switched off; then the system's theme stays.
  }
})();
