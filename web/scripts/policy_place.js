// Where the cursor is in a YAML text. It reads lines by their indentation, and
// brackets within and over lines. Texts of several lines, anchors and tags are not
// read as such; what is offered there may be missing or too much.

const key = /^(?:"([^"]*)"|'([^']*)'|([^\s#,[\]{}"'&*!|>-][^,[\]{}]*?|-[^\s,[\]{}]+))\s*:(?=\s|$)/;

/**
 * placeAt says of the end of a text:
 * - path: the keys down to what is being typed, 0 for an entry of a list;
 * - keys: those that the object at that path has already;
 * - typed: what was typed of the key or the value;
 * - inline: it stands on the line of its own key, where no block can begin;
 * - flow: it stands within brackets;
 * - indent: of the block that it stands in.
 */
export function placeAt(text) {
  const lines = text.split("\n");
  const blocks = []; // the objects and lists around, the innermost last
  let flow = []; // the open brackets, the innermost last
  let place;
  lines.forEach((line, number) => {
    const last = number === lines.length - 1;
    if (flow.length > 0) {
      place = readFlow(line, flow, []);
      return;
    }
    let at = line.length - line.trimStart().length;
    if (!last && (at === line.length || line[at] === "#")) return;
    const block = readBlocks(line, at, blocks);
    place = { ...readFlow(line.slice(block.at), flow, block.path), indent: block.indent };
    if (!place.flow) {
      place.inline = block.inline;
      place.keys = block.keys;
    }
  });
  return place;
}

/** readBlocks steps out of the blocks that have ended and into those that begin on a line. */
function readBlocks(line, at, blocks) {
  const isDash = () => /^-(\s|$)/.test(line.slice(at));
  const top = () => blocks.at(-1);
  while (top() && (top().indent > at || (top().indent === at && top().list && !isDash()))) blocks.pop();
  let path = !top() ? [] : top().list ? [...top().path, 0] : [...top().path, top().last];
  while (isDash()) {
    if (!top()?.list || top().indent !== at) blocks.push({ list: true, indent: at, path });
    path = [...top().path, 0];
    at += /^-\s*/.exec(line.slice(at))[0].length;
  }
  const found = key.exec(line.slice(at));
  if (!found) {
    const goesOn = top() && !top().list && top().indent === at;
    return { at, path: goesOn ? top().path : path, keys: goesOn ? top().keys : new Set(), inline: false, indent: at };
  }
  if (top()?.list !== false || top().indent !== at) blocks.push({ list: false, indent: at, path, keys: new Set() });
  const name = found[1] ?? found[2] ?? found[3];
  top().last = name;
  top().keys.add(name);
  return { at: at + found[0].length, path: [...top().path, name], keys: new Set(), inline: true, indent: at };
}

/** readFlow reads a value, and within brackets keys and values; path is the value's. */
function readFlow(text, flow, path) {
  let typed = "";
  for (let at = 0; at < text.length; at++) {
    const mark = text[at];
    const top = flow.at(-1);
    const next = text[at + 1];
    if (mark === "#" && (at === 0 || /\s/.test(text[at - 1]))) break;
    if ((mark === '"' || mark === "'") && typed === "") {
      const end = text.indexOf(mark, at + 1);
      typed = text.slice(at + 1, end < 0 ? undefined : end);
      if (end < 0) break;
      at = end;
    } else if ((mark === "{" || mark === "[") && typed === "") {
      flow.push({ list: mark === "[", path: top ? within(top) : path, keys: new Set(), key: null });
    } else if (top && (mark === "}" || mark === "]")) {
      flow.pop();
      typed = "";
    } else if (top && mark === ",") {
      top.key = null;
      typed = "";
    } else if (top && !top.list && top.key === null && mark === ":" && (next === undefined || /\s/.test(next))) {
      top.key = typed.trim();
      top.keys.add(top.key);
      typed = "";
    } else if (typed !== "" || !/\s/.test(mark)) {
      typed += mark;
    }
  }
  const top = flow.at(-1);
  if (!top) return { path, typed, flow: false };
  const isKey = !top.list && top.key === null;
  return { path: isKey ? top.path : within(top), keys: top.keys, typed, inline: !isKey, flow: true };
}

/** within is the path of the value that comes next within a bracket. */
function within(bracket) {
  return [...bracket.path, bracket.list ? 0 : bracket.key];
}

/** keysBelow lists the keys that follow in the same block. */
export function keysBelow(text, indent) {
  const keys = [];
  for (const line of text.split("\n").slice(1)) {
    const at = line.length - line.trimStart().length;
    if (at === line.length || line[at] === "#") continue;
    const found = at === indent && key.exec(line.slice(at));
    if (at < indent || (at === indent && !found)) break;
    if (found) keys.push(found[1] ?? found[2] ?? found[3]);
  }
  return keys;
}
