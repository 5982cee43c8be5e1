import { notValid, refused, tooMuch, type OperationInput } from './operation-input.js';
import { nest, repeat } from './repeat.js';

const kinds = Array.from({ length: 24 }, (_, index) => `Kind${index}`);

const chain = (length: number, on: string, spread: (next: string) => string, start: string, end: string): string =>
  `{ ${start} { ...F0 } } ${repeat(length, (index) => `fragment F${index} on ${on} { ${spread(`F${index + 1}`)} }`)} fragment F${length} on ${on} { ${end} }`;

/** What planners and validators met as chains, circles and crowds of fragments. */
export const fragmentInputs: readonly OperationInput[] = [
  ...[20, 60, 400].map((length) =>
    refused(
      `a chain of ${length} fragments, each spreading the next twice`,
      chain(length, 'Self', (next) => `...${next} ...${next}`, 'self', 'label'),
      tooMuch,
    ),
  ),
  refused(
    'a chain of fragments through fields',
    chain(40, 'Self', (next) => `a: self { ...${next} } b: self { ...${next} }`, 'self', 'label'),
    tooMuch,
  ),
  refused(
    'a chain of fragments through an interface’s types',
    chain(20, 'Node', (next) => kinds.map((kind) => `... on ${kind} { ...${next} }`).join(' '), 'node', 'name'),
    tooMuch,
  ),
  refused(
    'inline fragments within each other, on an interface and its types',
    `{ node { ${nest(200, '... on Node { ... on Kind1 { ', 'name', '} }')} } }`,
    tooMuch,
  ),
  refused(
    'a counter that would overflow: 2^64 aliases',
    chain(64, 'Self', (next) => `x: label ...${next} ...${next}`, 'self', 'label'),
    tooMuch,
  ),
  refused(
    'root fields hidden in fragments',
    `{ ...A ...B } ${repeat(2, (index) => `fragment ${'AB'[index]} on Query { ${repeat(40, (field) => `${'ab'[index]}${field}: greeting`)} }`)}`,
    tooMuch,
  ),
  refused(
    'depth hidden in fragments',
    `{ self { ...F0 } } ${repeat(30, (index) => `fragment F${index} on Self { self { ...F${index + 1} } }`)} fragment F30 on Self { id }`,
    tooMuch,
  ),
  refused(
    'a circle of fragments',
    '{ self { ...A } } fragment A on Self { ...B } fragment B on Self { ...A }',
    notValid,
  ),
  refused(
    'a circle of 400 fragments',
    `{ self { ...F0 } } ${repeat(400, (index) => `fragment F${index} on Self { self { ...F${(index + 1) % 400} } }`)}`,
    /^GRAPHQL_VALIDATION_FAILED$|^OPERATION_TOO_/,
  ),
  refused(
    'ten thousand unused fragments',
    `{ greeting } ${repeat(10_000, (index) => `fragment F${index} on Self { id }`)}`,
    tooMuch,
  ),
  refused(
    'two thousand unused fragments',
    `{ greeting } ${repeat(2_000, (index) => `fragment F${index} on Self { id }`)}`,
    tooMuch,
  ),
  refused(
    'one heavy fragment, spread often',
    `{ ${repeat(40, (index) => `s${index}: self { ...F }`)} } fragment F on Self { ${repeat(150, (index) => `a${index}: id`)} }`,
    tooMuch,
  ),
];
