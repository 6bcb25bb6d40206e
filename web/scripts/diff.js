// "Open all" and "Close all" above a list of files.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-open-all]");
  if (!button) return;
  const open = button.dataset.openAll === "true";
  const scope = button.closest("section") ?? document;
  scope.querySelectorAll("details.file").forEach((file) => (file.open = open));
});
