import { bombs, nested } from '../../gateway/support/planner-bombs.js';

/** Makes a request's operation; the number makes its text a new one, so that none is remembered. */
export type Abuse = (number: number) => string;

const repeat = (count: number, make: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => make(index)).join(' ');

/** Operations that are built to cost the parser, the limits or the validator, not the planner. */
const documents: Readonly<Record<string, Abuse>> = {
  'braces nested 7,000 deep': (number) => `{ n${number}: node ${repeat(7_000, () => '{ next')}`,
  '7,000 equal fields, which validation compares pairwise': (number) =>
    `{ n${number}: node { ${repeat(7_000, () => 'id')} } }`,
  'fields nested 3,000 deep': (number) => `{ n${number}: node { ${nested(3_000, 'next', 'id')} } }`,
  'a value nested 14,000 deep': (number) => `{ greeting(a${number}: ${'['.repeat(14_000)}`,
  '1,800 equal fields with different arguments': (number) => `{ n${number}: greeting ${fieldsThatDiffer(1_800)} }`,
  '60 fragments that overlap pairwise': (number) =>
    `{ n${number}: node { ${repeat(60, (index) => `...O${index}`)} } } ${repeat(60, (index) => `fragment O${index} on Node { ${repeat(20, (field) => `f${field}: name`)} next { id } }`)}`,
  '7,000 unknown directives on a field': (number) => `{ n${number}: greeting ${repeat(7_000, () => '@a')} }`,
  '1,800 repeated directives on a field': (number) =>
    `{ n${number}: greeting ${repeat(1_800, () => '@skip(if: false)')} }`,
  'introspection, 12 levels of types': (number) =>
    `{ __schema { types { n${number}: name ${nested(12, 'fields { type', 'name')}${' }'.repeat(12)} } } }`,
  'introspection under 100 names': (number) =>
    `{ ${repeat(49, (index) => `n${number}x${index}: __schema { types { fields { type { name } } } }`)} }`,
  '2,000 fragments that nobody spreads': (number) =>
    `{ n${number}: greeting } ${repeat(2_000, (index) => `fragment U${index} on Node { id }`)}`,
  '2,900 variables': (number) => `query (${repeat(2_900, (index) => `$v${index}: Int`)}) { n${number}: greeting }`,
  'a circle of 1,000 fragments': (number) =>
    `{ n${number}: node { ...C0 } } ${repeat(1_000, (index) => `fragment C${index} on Node { ...C${(index + 1) % 1_000} }`)}`,
  '4,000 aliases': (number) => `{ n${number}: greeting ${repeat(4_000, (index) => `a${index}: greeting`)} }`,
  '1,500 operations': (number) => repeat(1_500, (index) => `query Q${number}x${index} { greeting }`),
  'a string of 900 KB': (number) => `{ n${number}: greeting(a: "${'x'.repeat(900_000)}") }`,
  'a comment of 900 KB': (number) => `{ n${number}: nothing } #${'x'.repeat(900_000)}`,
  'names of prototypes': (number) => `{ __proto__: node { constructor: next { prototype: nope${number} } } }`,
};

function fieldsThatDiffer(count: number): string {
  return repeat(count, (index) => `same: greeting(a: ${index})`);
}

/** Everything that is sent at the gateway while somebody else works with it. */
export const abuses: ReadonlyMap<string, Abuse> = new Map([...bombs, ...Object.entries(documents)]);
