// How the editor looks: the page's own colours, which follow its theme. They reach
// the editor through the boundary of its shadow tree as custom properties.
import { EditorView } from "@codemirror/view";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { tags } from "@lezer/highlight";

const mono = "var(--tblr-font-monospace)";

const look = EditorView.theme({
  "&": { height: "100%", fontSize: "0.8125rem", color: "var(--tblr-body-color)", backgroundColor: "var(--code-surface)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: mono, lineHeight: "1.55" },
  ".cm-content": { padding: "0.5rem 0", caretColor: "var(--tblr-body-color)" },
  ".cm-line": { padding: "0 0.75rem 0 0.5rem" },
  ".cm-gutters": { backgroundColor: "var(--surface-sunk)", color: "var(--quiet)", borderRight: "1px solid var(--line)" },
  ".cm-activeLineGutter": { backgroundColor: "var(--code-active)", color: "var(--tblr-body-color)" },
  ".cm-activeLine": { backgroundColor: "var(--code-active)" },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 0.5rem 0 0.25rem" },
  ".cm-content ::selection, .cm-line::selection": { backgroundColor: "var(--code-selection)" },
  "&.cm-focused .cm-matchingBracket, &.cm-focused .cm-nonmatchingBracket": { backgroundColor: "var(--code-selection)" },
  ".cm-searchMatch": { backgroundColor: "var(--code-match)", outline: "1px solid var(--warn)" },
  ".cm-searchMatch-selected": { backgroundColor: "var(--code-selection)" },
  ".cm-tooltip": { backgroundColor: "var(--surface)", color: "var(--tblr-body-color)", border: "1px solid var(--line)", borderRadius: "6px", boxShadow: "0 8px 24px rgb(0 0 0 / 14%)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: mono, maxHeight: "14rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "0.15rem 0.6rem" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "#fff" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-tooltip.cm-completionInfo": { padding: "0.5rem 0.7rem", maxWidth: "22rem", fontFamily: "var(--tblr-font-sans-serif)" },
  ".cm-diagnostic": { padding: "0.4rem 0.7rem", borderLeft: "4px solid var(--bad)", fontFamily: "var(--tblr-font-sans-serif)", whiteSpace: "pre-wrap" },
  ".cm-lint-marker": { width: "0.8rem", height: "0.8rem" },
  ".cm-lint-marker-error": { content: '""', borderRadius: "50%", backgroundColor: "var(--bad)", marginTop: "0.25rem" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--bad) 1px", textUnderlineOffset: "3px" },
  ".cm-panels": { backgroundColor: "var(--surface-sunk)", color: "var(--tblr-body-color)" },
  ".cm-panels.cm-panels-top": { borderBottom: "1px solid var(--line)" },
  ".cm-panel.cm-search": { padding: "0.5rem 0.6rem", fontSize: "0.8125rem" },
  ".cm-panel.cm-search label": { fontSize: "0.8125rem" },
  ".cm-textfield": { fontSize: "0.8125rem", color: "inherit", backgroundColor: "var(--surface)", border: "1px solid var(--quiet)", borderRadius: "4px", padding: "0.2rem 0.4rem" },
  ".cm-button": { fontSize: "0.8125rem", color: "inherit", backgroundImage: "none", backgroundColor: "var(--surface)", border: "1px solid var(--quiet)", borderRadius: "4px", padding: "0.2rem 0.5rem" },
  ".cm-button:focus-visible, .cm-textfield:focus-visible, .cm-search input:focus-visible, .cm-search [name=close]:focus-visible": { outline: "2px solid var(--accent-text)", outlineOffset: "1px" },
  ".cm-panel.cm-search [name=close]": { color: "inherit", fontSize: "1.1rem", top: "0.3rem", right: "0.5rem" },
});

const colours = HighlightStyle.define([
  { tag: tags.definition(tags.propertyName), color: "var(--code-key)" },
  { tag: tags.string, color: "var(--code-string)" },
  { tag: tags.comment, color: "var(--quiet)", fontStyle: "italic" },
  { tag: [tags.punctuation, tags.separator, tags.bracket, tags.brace, tags.squareBracket], color: "var(--quiet)" },
  { tag: [tags.meta, tags.labelName, tags.typeName, tags.keyword], color: "var(--warn)" },
]);

/** theme is the look of the editor. */
export const theme = [look, syntaxHighlighting(colours)];
