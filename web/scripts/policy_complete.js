// Completion for policy.yaml: the keys and the closed lists of values that can
// stand where the cursor is.
import { placeAt, keysBelow } from "./policy_place.js";
import { keysOf, schemaAt, valuesOf } from "./policy_schema.js";

/** completeWith makes a source of completions; schema is a promise of the schema, or of null. */
export function completeWith(schema) {
  return async (context) => {
    const root = await schema;
    const text = context.state.doc;
    const place = placeAt(text.sliceString(0, context.pos));
    if (!root || (place.typed === "" && !context.explicit)) return null;
    const options = offered(root, place, text.sliceString(context.pos));
    if (options.length === 0) return null;
    return { from: context.pos - place.typed.length, options, validFor: /^[\w.-]*$/ };
  };
}

/** below is what follows a key: a line of its own for what is a block, with what that begins with. */
function below(begins, indent) {
  return begins === undefined ? " " : `\n${" ".repeat(indent + 2)}${begins}`;
}

/** offered lists what can stand at a place. */
function offered(root, place, after) {
  const schema = schemaAt(root, place.path);
  const values = valuesOf(schema).map((value) => ({ label: value, type: "enum" }));
  if (place.inline) return values;
  const taken = new Set(place.keys);
  if (!place.flow) keysBelow(after, place.indent).forEach((name) => taken.add(name));
  const keys = keysOf(root, schema)
    .filter(({ name }) => !taken.has(name))
    .map(({ name, says, begins }) => ({ label: name, type: "property", info: says, apply: `${name}:${place.flow ? " " : below(begins, place.indent)}` }));
  return [...keys, ...values];
}
