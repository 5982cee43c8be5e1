import { notValid, refused, tooMuch, type OperationInput } from './operation-input.js';
import { repeat } from './repeat.js';

const notValidOrTooMuch = /^GRAPHQL_VALIDATION_FAILED$|^OPERATION_TOO_/;

/** What validators met: crowds of the same, and of what is wrong. */
export const validationInputs: readonly OperationInput[] = [
  refused('4,900 times one field', `{ ${'greeting '.repeat(4_900)} }`, tooMuch),
  refused(
    'one field with 900 different arguments',
    `{ self { ${repeat(900, (index) => `list(first: ${index}) { id }`)} } }`,
    notValidOrTooMuch,
  ),
  refused(
    'two levels of one field, seventy times each',
    `{ self { ${repeat(70, () => `self { ${'id '.repeat(70)} }`)} } }`,
    tooMuch,
  ),
  refused(
    '400 fragments that select the same',
    `{ self { ${repeat(400, (index) => `...F${index}`)} } } ${repeat(400, (index) => `fragment F${index} on Self { id label }`)}`,
    tooMuch,
  ),
  refused('inline fragments that select the same', `{ self { ${'... on Self { id label } '.repeat(900)} } }`, tooMuch),
  refused('2,400 known directives on one field', `{ greeting ${'@include(if: true) '.repeat(2_400)} }`, tooMuch),
  refused('7,000 unknown directives on one field', `{ greeting ${'@no '.repeat(7_000)} }`, tooMuch),
  refused('directives on 2,000 fields', `{ self { ${'id @skip(if: false) '.repeat(2_000)} } }`, tooMuch),
  refused(
    '1,000 deferred fragments',
    `{ self { ${repeat(1_000, (index) => `... @defer(label: "${index}") { id }`)} } }`,
    notValidOrTooMuch,
  ),
  refused('4,000 unknown fields', `{ self { ${repeat(4_000, (index) => `nothing${index}`)} } }`, notValidOrTooMuch),
  refused('3,000 unknown arguments', `{ echo(${repeat(3_000, (index) => `no${index}: 1`)}) }`, notValid),
  refused('2,900 variables', `query (${repeat(2_900, (index) => `$v${index}: Int`)}) { greeting }`, notValid),
  refused('ten thousand variables', `query (${repeat(10_000, (index) => `$v${index}: Int`)}) { greeting }`, tooMuch),
  refused(
    '3,000 variables of unknown types',
    `query (${repeat(3_000, (index) => `$v${index}: No${index}`)}) { greeting }`,
    notValid,
  ),
  refused(
    'a default of 14,000 items',
    `query ($ids: [ID!] = [${'1 '.repeat(14_000)}]) { nothing(ids: $ids) }`,
    notValid,
  ),
  refused('a whole number beyond 32 bits', '{ self { list(first: 2147483648) { id } } }', notValid),
  refused('a stream that begins before its list', '{ list @stream(initialCount: -1) { id } }', notValid),
  refused('a stream of two billion', '{ list @stream(initialCount: 2147483647) { id } }', notValid),
  refused('entities', '{ _entities(representations: []) { __typename } }', notValid),
  refused('the SDL of a service', '{ _service { sdl } }', notValid),
  refused(
    '100 aliases and one more',
    `{ ${repeat(50, (index) => `a${index}: greeting`)} self { ${repeat(51, (index) => `a${index}: id`)} } }`,
    tooMuch,
  ),
  refused('lists of lists that multiply', `{ list { list { list { list { list { id } } } } } }`, tooMuch),
  refused(
    'a page of two billion',
    '{ self { list(first: 2147483647) { list { list { list { list { id } } } } } } }',
    tooMuch,
  ),
];

/** Each way to ask for the schema, which anonymous callers in production may not. */
export const introspectionInputs: readonly OperationInput[] = [
  refused('introspection', '{ __schema { types { name } } }', notValid),
  refused('introspection of one type', '{ __type(name: "Query") { fields { name } } }', notValid),
  refused(
    'introspection in a fragment',
    '{ ...F } fragment F on Query { s: __schema { queryType { name } } }',
    notValid,
  ),
  refused(
    'introspection beside a field',
    '{ greeting ... @include(if: true) { __schema { queryType { name } } } }',
    notValid,
  ),
  refused('introspection that is skipped', '{ greeting __schema @skip(if: true) { queryType { name } } }', notValid),
  refused(
    'introspection under 100 names',
    `{ ${repeat(100, (index) => `a${index}: __schema { types { name } }`)} }`,
    notValidOrTooMuch,
  ),
  refused(
    'introspection that nests',
    `{ __schema { types { ${'fields { type { '.repeat(20)} name ${'} }'.repeat(20)} } } }`,
    notValidOrTooMuch,
  ),
];

/** The same from a caller that may ask for the schema, but not for its like. */
export const nestedIntrospection: readonly OperationInput[] = [
  refused(
    'fields of types of fields',
    `{ __schema { types { ${'fields { type { '.repeat(4)} name ${'} }'.repeat(4)} } } }`,
    notValidOrTooMuch,
  ),
  refused(
    'types within types',
    `{ __schema { types { ${'ofType { '.repeat(40)} name ${'}'.repeat(40)} } } }`,
    notValidOrTooMuch,
  ),
  refused(
    'the schema under 100 names',
    `{ ${repeat(100, (index) => `a${index}: __schema { types { name } }`)} }`,
    tooMuch,
  ),
];
