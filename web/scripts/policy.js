// The editor of policy.yaml: the page's text area, with colours, line numbers,
// completion, and what is wrong as it is typed. Without this script the text area
// does it all by itself; with it, it goes on holding what the form sends.
import { openEditor } from "./policy_editor.js";
import { fetchSchema } from "./policy_schema.js";
import { showProblems } from "./policy_problems.js";
import { takeFiles } from "./policy_file.js";

const area = document.querySelector("[data-policy-editor]");

/** check asks the server what is wrong with a text; throws a sentence where it cannot say. */
async function check(text) {
  let answer;
  try {
    answer = await fetch(area.dataset.check, {
      method: "POST",
      body: new URLSearchParams({ document: text }),
      redirect: "manual",
    });
  } catch {
    throw new Error("This could not be checked: Tenure does not answer. It is tried again when you change something.");
  }
  if (answer.status === 401) throw new Error("Your sign-in has ended. Sign in in another tab and go on here: what you typed is still there.");
  if (!answer.ok) throw new Error("This could not be checked just now. It is tried again when you change something.");
  return (await answer.json()).problems;
}

if (area) {
  const list = document.getElementById("document-problems");
  const editor = openEditor({
    area,
    schema: fetchSchema(area.dataset.schema),
    async check(text) {
      try {
        const problems = await check(text);
        showProblems(list, problems);
        return problems;
      } catch (problem) {
        showProblems(list, [], problem.message);
        return [];
      }
    },
  });
  // Wherever the page leads to the text area, it means the editor: the label, the
  // summary of errors, and the lines of the problems.
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href="#document"], label[for="document"]');
    if (!link) return;
    event.preventDefault();
    editor.goTo(Number(link.dataset.line ?? 0));
  });
  takeFiles(document.getElementById("file"), editor);
}
