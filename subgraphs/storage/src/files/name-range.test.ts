import { expect, test } from '@jest/globals';
import { namesBeginningWith } from './name-range.js';

const last = '\u{10ffff}';

test.each([
  ['report', 'reporu'],
  ['%_\\', '%_]'],
  ['ü', 'ý'],
  ['a\ud7ff', 'a\ue000'],
  ['\uffff', '\u{10000}'],
  ['👩', '👪'],
  [`a${last}${last}`, 'b'],
  [last, undefined],
])('names that begin with %j are below %j', (prefix, end) => {
  expect(namesBeginningWith(prefix)).toEqual({ first: prefix, end });
});
