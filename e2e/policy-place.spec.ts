import { expect, test } from '@playwright/test';

// The editor's completion reads where the cursor is; that needs no browser.
const { placeAt, keysBelow } = await import(new URL('../web/scripts/policy_place.js', import.meta.url).href);

/** Place is what the completion asks: the path to what is typed, and what the object has already. */
interface Place {
  path: (string | number)[];
  typed: string;
  keys?: string[];
  inline?: boolean;
}

const places: Record<string, [text: string, place: Place]> = {
  'the first key': ['ap', { path: [], typed: 'ap', keys: [] }],
  'a value at the top': ['apiVersion: x\nkind: Pol', { path: ['kind'], typed: 'Pol', inline: true }],
  'below a key': ['spec:\n  ', { path: ['spec'], typed: '' }],
  'beside other keys': ['spec:\n  # c: d\n  sizes:\n    a: {cpu: "2"}\n  re', { path: ['spec'], typed: 're', keys: ['sizes'] }],
  'a value in a block': ['spec:\n  clusters:\n    weu-1:\n      mode: en', { path: ['spec', 'clusters', 'weu-1', 'mode'], typed: 'en', inline: true }],
  'a quoted key': ['spec:\n  sizes:\n    "a b":\n      c', { path: ['spec', 'sizes', 'a b'], typed: 'c' }],
  'a key in brackets': [
    'spec:\n  clusters:\n    weu-1: {server: "https://x, y: {", mo',
    { path: ['spec', 'clusters', 'weu-1'], typed: 'mo', keys: ['server'] },
  ],
  'a value in brackets': ['rules: {a: {mode: ', { path: ['rules', 'a', 'mode'], typed: '', inline: true }],
  'after a closed bracket': ['rules: {a: {mode: deny}, b: {mo', { path: ['rules', 'b'], typed: 'mo', keys: [] }],
  'brackets over lines': ['access: {standing: [view,\n    ed', { path: ['access', 'standing', 0], typed: 'ed', inline: true }],
  'an entry of a list': ['reviews:\n  - kinds: [network]\n    st', { path: ['reviews', 0], typed: 'st', keys: ['kinds'] }],
  'the next entry': ['flows:\n  - name: a\n    direction: ingress\n  - na', { path: ['flows', 0], typed: 'na', keys: [] }],
  'a list at its key': ['reviews:\n- stages:\n  - ow', { path: ['reviews', 0, 'stages', 0], typed: 'ow' }],
  'after a list at its key': ['reviews:\n- kinds: [quota]\nfa', { path: [], typed: 'fa', keys: ['reviews'] }],
  'after deeper blocks': ['a:\n  b:\n    c: d\ne', { path: [], typed: 'e', keys: ['a'] }],
  'after a comment': ['a: b # c: {\nd', { path: [], typed: 'd', keys: ['a'] }],
};

for (const [name, [text, want]] of Object.entries(places)) {
  test(`completion knows where it is: ${name}`, () => {
    const place = placeAt(text);
    expect({ path: place.path, typed: place.typed }).toEqual({ path: want.path, typed: want.typed });
    expect(place.inline).toBe(want.inline ?? false);
    if (want.keys) expect([...place.keys]).toEqual(want.keys);
  });
}

test('completion does not offer what stands below already', () => {
  expect(keysBelow('\n  b: {c: d}\n    e: f\n\n  # g: h\n  "i": j\nk: l\n  m: n', 2)).toEqual(['b', 'i']);
});
