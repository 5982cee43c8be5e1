import { expect, test } from '@jest/globals';
import { AppError } from '@tessera/service/errors';
import { replyToFault } from './http-reply.js';
import { graphqlResponse, json } from './negotiate.js';
import { RefusalReplies } from './refusal-replies.js';

test('each reply is what it would be if it were made anew, with the id of its own request', () => {
  const replies = new RefusalReplies();
  const errors = [1, 2].map((seconds) => new AppError('OVERLOADED', 'Too much', { retryAfterSeconds: seconds }));

  for (const error of errors) {
    for (const mediaType of [json, graphqlResponse] as const) {
      for (const id of ['first-request', 'a.b:c/d+e=f_g']) {
        expect(replies.replyTo(error, mediaType, id)).toEqual(replyToFault(error, mediaType, id));
      }
    }
  }
});
