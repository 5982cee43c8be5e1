import type { FormattedExecutionResult } from 'graphql';
import type { CompletedFragment, DeferredAnswer, LaterPart } from '../deferred-answer.js';
import { closeParts, openParts, writePart } from './multipart.js';

/** A way to tell clients what comes later. */
export interface IncrementalFormat {
  readonly contentType: string;
  /** The body's first bytes: everything that is there at once. */
  first(answer: DeferredAnswer): string;
  next(part: LaterPart): string;
}

type Later = NonNullable<DeferredAnswer['later']>;

const boundary = '-';

/** Both proposals that clients read speak of the same things in other words. */
function createFormat(
  parameter: string,
  announce: (pending: Later['pending']) => object,
  deliver: (completed: readonly CompletedFragment[]) => object,
): IncrementalFormat {
  const write = (body: object, hasNext: boolean): string =>
    writePart(boundary, { ...body, hasNext }) + (hasNext ? '' : closeParts);
  const firstPart = (answer: FormattedExecutionResult, later: Later | undefined): string =>
    write({ ...answer, ...(later !== undefined && announce(later.pending)) }, later !== undefined);
  return {
    contentType: `multipart/mixed;boundary="${boundary}";${parameter}`,
    first: ({ first, later }) => openParts(boundary) + firstPart(first, later),
    next: ({ completed, pending, hasNext }) => write({ ...announce(pending), ...deliver(completed) }, hasNext),
  };
}

/** What Apollo's clients and those of graphql-js 16 read: each fragment by its path and label. */
export const deferSpec20220824 = createFormat(
  'deferSpec=20220824',
  () => ({}),
  (completed) => ({
    incremental: completed.map(({ path, label, data, errors }) => ({
      ...(label !== undefined && { label }),
      path,
      data,
      ...(errors.length > 0 && { errors }),
    })),
  }),
);

/** What graphql-js 17 settled on (https://specs.apollo.dev/incremental/v0.2/): fragments are announced, and told by id. */
export const incrementalSpec02 = createFormat(
  'incrementalSpec=v0.2',
  (pending) =>
    pending.length === 0
      ? {}
      : { pending: pending.map(({ id, path, label }) => ({ id, path, ...(label !== undefined && { label }) })) },
  (completed) => ({
    ...(completed.some(({ data }) => data !== null) && {
      incremental: completed.flatMap(({ id, data, errors }) =>
        data === null ? [] : [{ id, data, ...(errors.length > 0 && { errors }) }],
      ),
    }),
    completed: completed.map(({ id, data, errors }) => ({ id, ...(data === null && { errors }) })),
  }),
);
