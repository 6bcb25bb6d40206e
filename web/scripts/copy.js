// A button that copies what stands in an element, and says that it did.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const words = (button.dataset.words ??= button.textContent);
  try {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Select it"; // a page may be kept from the clipboard
  }
  setTimeout(() => (button.textContent = words), 2000);
});
