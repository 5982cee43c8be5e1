import { notParsed, notValid, refused, tooMuch, type OperationInput } from './operation-input.js';
import { nest, repeat } from './repeat.js';

const parsedOrTooMuch = /^GRAPHQL_PARSE_FAILED$|^OPERATION_TOO_|^GRAPHQL_VALIDATION_FAILED$/;

/** What parsers met: texts that nest, repeat, or are hardly texts. */
export const textInputs: readonly OperationInput[] = [
  refused('7,000 braces', '{ '.repeat(7_000), parsedOrTooMuch),
  refused('20,000 braces', '{'.repeat(20_000), parsedOrTooMuch),
  refused('selections nested 5,000 times', `{ ${nest(4_900, 'self {', 'id')} }`, parsedOrTooMuch),
  refused('lists nested 7,000 times', `{ echo(value: ${nest(7_000, '[', '', ']')}) }`, parsedOrTooMuch),
  refused('objects nested 3,500 times', `{ echo(value: ${nest(3_500, '{a:', '1')}) }`, parsedOrTooMuch),
  refused(
    'types of variables nested 7,000 times',
    `query ($a: ${nest(7_000, '[', 'Int', ']')}) { greeting }`,
    parsedOrTooMuch,
  ),
  refused('16,000 tokens', `{ ${'greeting '.repeat(16_000)} }`, tooMuch),
  refused('a name of 500,000 letters', `{ ${'a'.repeat(500_000)} }`, notValid),
  refused('NUL', '{ greeting \0 }', notParsed),
  refused('half a character', '{ greeting \ud800 }', notParsed),
  refused('a string that does not end', `{ echo(text: "${'a'.repeat(500_000)}`, notParsed),
  refused('escapes that are none', `{ echo(text: "\\u{110000}") }`, notParsed),
  refused('nothing but commas', ','.repeat(900_000), notParsed),
  refused('nothing but comments', '#\n'.repeat(300_000), notParsed),
  refused('nothing but spaces', ' '.repeat(900_000), notParsed),
  refused('no operation', 'fragment F on Query { greeting }', /^BAD_USER_INPUT$|^GRAPHQL_VALIDATION_FAILED$/),
  refused('a definition of types', 'type Query { a: Int }', /^BAD_USER_INPUT$|^GRAPHQL_VALIDATION_FAILED$/),
  refused(
    '1,500 definitions of types',
    repeat(1_500, (index) => `type T${index} { a: Int }`),
    /^BAD_USER_INPUT$|^GRAPHQL_VALIDATION_FAILED$|^OPERATION_TOO_/,
  ),
  refused(
    'ten thousand operations',
    repeat(10_000, (index) => `query Q${index} { greeting }`),
    tooMuch,
  ),
  refused(
    'a number without end',
    `{ echo(number: ${'9'.repeat(100_000)}) }`,
    /^BAD_USER_INPUT$|^GRAPHQL_VALIDATION_FAILED$/,
  ),
  refused('an infinite number', '{ echo(number: 1e400) }', /^BAD_USER_INPUT$/),
  { name: 'a byte order mark', operation: { query: '\ufeff{ greeting }' } },
  { name: 'a string of 500,000 letters', operation: { query: `{ echo(text: "${'a'.repeat(500_000)}") }` } },
  { name: 'a block string of 100,000 lines', operation: { query: `{ echo(text: """${' \n'.repeat(100_000)}""") }` } },
  {
    name: 'a default of 500,000 letters',
    operation: { query: `query ($text: String = "${'a'.repeat(500_000)}") { echo(text: $text) }` },
  },
  { name: 'half a megabyte of comments', operation: { query: `{ greeting } ${'#\n'.repeat(250_000)}` } },
  { name: 'an id that is a huge number', operation: { query: `{ echo(ids: [${'9'.repeat(250)}]) }` } },
];
