import { refused, tooMuch, type OperationInput } from './operation-input.js';
import { repeat } from './repeat.js';

const count = 1_000;

/** A thousand deferred fragments, however they come to be so many. */
export const deferralInputs: readonly OperationInput[] = [
  refused(
    'a thousand deferred fragments beside each other',
    `{ self { ${repeat(count, (index) => `... @defer(label: "d${index}") { extra }`)} } }`,
    tooMuch,
  ),
  refused(
    'a thousand deferred fragments at the root',
    `{ ${repeat(count, (index) => `... @defer(label: "d${index}") { greeting }`)} }`,
    tooMuch,
  ),
  refused(
    'one fragment, deferred in a thousand places',
    `{ self { ${repeat(count, () => '...F @defer')} } } fragment F on Self { extra }`,
    tooMuch,
  ),
  refused(
    'ten fragments, each deferring the next ten times',
    `{ self { ...F0 @defer } } ${repeat(3, (index) => `fragment F${index} on Self { ${repeat(10, () => `...F${index + 1} @defer`)} }`)} fragment F3 on Self { extra }`,
    tooMuch,
  ),
  refused(
    'a chain of twenty fragments, each deferring the next twice',
    `{ self { ...F0 @defer } } ${repeat(20, (index) => `fragment F${index} on Self { ...F${index + 1} @defer ...F${index + 1} @defer }`)} fragment F20 on Self { extra }`,
    tooMuch,
  ),
  {
    name: 'a thousand fragments that a variable defers',
    operation: {
      query: `query ($later: Boolean!) { self { ${repeat(count, (index) => `... @defer(if: $later, label: "d${index}") { extra }`)} } }`,
      variables: { later: true },
    },
    refusedAs: tooMuch,
  },
  {
    name: 'forty deferred fragments of each of twenty-five objects',
    operation: {
      query: `{ crowd { ${repeat(40, (index) => `... @defer(label: "d${index}") { a${index}: label }`)} } }`,
    },
  },
];
