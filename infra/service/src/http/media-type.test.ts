import { expect, test } from '@jest/globals';
import { essenceOf } from './media-type.js';

test.each([
  ['image/png', 'image/png'],
  ['Image/PNG; charset=utf-8', 'image/png'],
  ['text/html;image/png', 'text/html'],
  ['video/webm; codecs="a;b"', 'video/webm'],
  ['', ''],
])('the essence of %j is %j', (mediaType, essence) => {
  expect(essenceOf(mediaType)).toBe(essence);
});
