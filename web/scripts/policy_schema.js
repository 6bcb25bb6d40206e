// What can stand where in policy.yaml, by the schema that the server makes from the
// program's own types.

/** fetchSchema gets the schema; nothing is completed where it does not come. */
export async function fetchSchema(address) {
  try {
    const answer = await fetch(address);
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

/** resolve follows a reference of the schema. */
function resolve(root, schema) {
  while (schema?.$ref) schema = root.$defs[schema.$ref.slice("#/$defs/".length)];
  return schema ?? {};
}

/** schemaAt is the schema of what stands at a path: names of keys, and 0 for an entry of a list. */
export function schemaAt(root, path) {
  let schema = resolve(root, root);
  for (const step of path) {
    schema = resolve(root, step === 0 ? schema.items : (schema.properties?.[step] ?? schema.additionalProperties));
  }
  return schema;
}

/** keysOf lists the keys that an object can have, with what each is for and, where its value is a block, what that begins with. */
export function keysOf(root, schema) {
  return Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const of = resolve(root, property);
    return { name, says: property.description ?? of.description, begins: { object: "", array: "- " }[of.type] };
  });
}

/** valuesOf lists the values that a schema allows, where they are a closed list. */
export function valuesOf(schema) {
  return (schema.enum ?? []).map(String);
}
