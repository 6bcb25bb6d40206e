// The editor itself: CodeMirror in a shadow tree, where it can bring its styles as
// constructed sheets. In the page it would write style elements, which the
// Content-Security-Policy refuses.
import { autocompletion, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentOnInput, indentUnit } from "@codemirror/language";
import { yaml } from "@codemirror/lang-yaml";
import { lintGutter, lintKeymap, linter } from "@codemirror/lint";
import { search, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { completeWith } from "./policy_complete.js";
import { theme } from "./policy_theme.js";

const pause = 400; // milliseconds without typing before the text is checked

/**
 * openEditor puts an editor in the place of a text area, which goes on holding the
 * text. check gives the problems of a text: {line, field, message}.
 */
export function openEditor({ area, schema, check }) {
  const host = document.createElement("div");
  host.className = "policy-editor";
  area.before(host);
  const root = host.attachShadow({ mode: "open" });
  const view = new EditorView({
    parent: root,
    root,
    state: EditorState.create({ doc: area.value, extensions: extensions({ area, schema, check }) }),
  });
  area.hidden = true;
  return {
    /** goTo moves the cursor to a line, from 1; 0 leaves it where it is. */
    goTo(line) {
      if (line > 0) {
        const at = view.state.doc.line(Math.min(line, view.state.doc.lines)).from;
        view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
      }
      view.focus();
    },
    /** replace puts another text in, as one step that can be undone. */
    replace(text) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, selection: { anchor: 0 } });
    },
  };
}

function extensions({ area, schema, check }) {
  return [
    lineNumbers(),
    lintGutter(),
    highlightSpecialChars(), // what turns text around or cannot be seen does not hide
    history(),
    yaml(),
    indentUnit.of("  "),
    indentOnInput(),
    bracketMatching(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    EditorView.lineWrapping,
    search({ top: true }),
    autocompletion({ override: [completeWith(schema)], icons: false }),
    linter(async (view) => diagnostics(view.state.doc, await check(view.state.doc.toString())), { delay: pause }),
    keymap.of([...completionKeymap, ...searchKeymap, ...lintKeymap, ...historyKeymap, ...defaultKeymap, indentWithTab]),
    EditorView.contentAttributes.of({ "aria-label": area.dataset.label, "aria-multiline": "true", "aria-required": "true", tabindex: "0" }),
    EditorView.updateListener.of((update) => {
      if (!update.docChanged) return;
      area.value = update.state.doc.toString();
      area.dispatchEvent(new Event("input", { bubbles: true })); // the plan follows the form
    }),
    theme,
  ];
}

/** diagnostics marks each problem's line, from its first letter on. */
function diagnostics(text, problems) {
  return problems.map(({ line, field, message }) => {
    const at = text.line(Math.min(Math.max(line, 1), text.lines));
    const from = at.from + (at.text.length - at.text.trimStart().length);
    return { from, to: at.to, severity: "error", message: field ? `${field}: ${message}` : message };
  });
}
