// The list of problems under the editor of policy.yaml, as the server writes it.

/** said is what the list says now, so that it is not read out again for nothing. */
let said;

/** showProblems lists problems; instead says why there is no list. */
export function showProblems(place, problems, instead = "") {
  const now = JSON.stringify([problems, instead]);
  if (now === said) return;
  said = now;
  place.replaceChildren(problems.length > 0 ? listOf(problems) : sentence(instead || "No problem was found in the text."));
}

function sentence(words) {
  const paragraph = document.createElement("p");
  paragraph.textContent = words;
  return paragraph;
}

function listOf(problems) {
  const list = document.createElement("ul");
  list.append(
    ...problems.map((problem) => {
      const item = document.createElement("li");
      if (problem.line > 0) {
        const link = document.createElement("a");
        link.href = "#document";
        link.dataset.line = problem.line;
        link.textContent = `Line ${problem.line}`;
        item.append(link, " ");
      }
      if (problem.field) {
        const field = document.createElement("code");
        field.textContent = problem.field;
        item.append(field, " ");
      }
      item.append(problem.message);
      return item;
    }),
  );
  return list;
}
