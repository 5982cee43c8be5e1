import { AppError, errorExtensions } from '@tessera/service/errors';
import { closeParts, openParts, writeJsonPart, writePart } from './multipart.js';
import type { StreamFormat } from './stream-format.js';

const boundary = 'graphql';

const goingAway = {
  message: 'The gateway goes away: subscribe again',
  extensions: errorExtensions(new AppError('OVERLOADED', 'Going away', { retryAfterSeconds: 1 })),
};

/** Subscriptions over HTTP as Apollo's clients read them (https://specs.apollo.dev/subscription/v1.0/). */
export const multipartSubscription: StreamFormat = {
  contentType: `multipart/mixed;boundary="${boundary}";subscriptionSpec=1.0`,
  opening: openParts(boundary),
  heartbeat: writePart(boundary, {}),
  next: ({ answer, json = JSON.stringify(answer) }) => writeJsonPart(boundary, `{"payload":${json}}`),
  failed: (errors) => writePart(boundary, { payload: null, errors }) + closeParts,
  completed: closeParts,
  interrupted: writePart(boundary, { payload: null, errors: [goingAway] }) + closeParts,
};
