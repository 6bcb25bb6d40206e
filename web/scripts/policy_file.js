// A file that is chosen, or dropped on the button, goes into the editor, where it
// is checked like what is typed. The form sends the editor's text alone then.

/** takeFiles puts what is chosen with an input into the editor. */
export function takeFiles(input, editor) {
  if (!input) return;
  const most = Number(input.dataset.most);
  const status = document.getElementById("file-status");
  input.addEventListener("input", (event) => event.stopPropagation()); // it is no part of the plan
  input.addEventListener("change", async (event) => {
    event.stopPropagation();
    const [file] = input.files;
    if (!file) return;
    input.value = "";
    if (file.size > most) {
      status.textContent = `${file.name} is larger than ${most / 1024} KiB. The editor still holds what it held.`;
      return;
    }
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
      editor.replace(text.replaceAll("\r\n", "\n"));
      status.textContent = `${file.name} is in the editor now. Undo there brings back what it held.`;
    } catch {
      status.textContent = `${file.name} cannot be read as text. The editor still holds what it held.`;
    }
  });
}
