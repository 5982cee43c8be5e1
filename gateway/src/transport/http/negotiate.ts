import { HttpFault } from './http-fault.js';

export const graphqlResponse = 'application/graphql-response+json';
export const json = 'application/json';

export type ResponseMediaType = typeof graphqlResponse | typeof json;

/** What satisfies each range of an `Accept` header; `*` gets what the oldest clients understand. */
const offered: Readonly<Record<string, ResponseMediaType>> = {
  [graphqlResponse]: graphqlResponse,
  [json]: json,
  'application/*': json,
  '*/*': json,
};

/**
 * Chooses the media type of the answer: the client's highest weight wins, then its order.
 *
 * @throws HttpFault 406 where the client wants nothing that is served here
 */
export function negotiateMediaType(accept: string | undefined): ResponseMediaType {
  if (accept === undefined || accept.trim() === '') return json;
  let best: ResponseMediaType | undefined;
  let bestWeight = 0;
  for (const range of accept.split(',')) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const mediaType = Object.hasOwn(offered, name) ? offered[name] : undefined;
    const weight = weightOf(parameters);
    if (mediaType !== undefined && weight > bestWeight && isUtf8(parameters)) [best, bestWeight] = [mediaType, weight];
  }
  if (best === undefined) throw new HttpFault(406, `Answers are ${graphqlResponse} or ${json}: accept one of them`);
  return best;
}

/** Whether a browser asks for a page here, not for an answer. */
export function prefersHtml(accept: string | undefined): boolean {
  return accept !== undefined && /\btext\/html\b/i.test(accept) && !accept.includes(graphqlResponse);
}

function weightOf(parameters: readonly string[]): number {
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  return weight === undefined ? 1 : Number(weight.slice(2)) || 0;
}

function isUtf8(parameters: readonly string[]): boolean {
  const charset = parameters.find((parameter) => parameter.startsWith('charset='));
  return charset === undefined || /^charset="?utf-?8"?$/.test(charset);
}
