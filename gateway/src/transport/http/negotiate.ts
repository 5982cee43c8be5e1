import { deferSpec20220824, incrementalSpec02, type IncrementalFormat } from '../streams/incremental-delivery.js';
import { eventStream } from '../streams/server-sent-events.js';
import { HttpFault } from './http-fault.js';

export const graphqlResponse = 'application/graphql-response+json';
export const json = 'application/json';
export const multipart = 'multipart/mixed';

export type ResponseMediaType = typeof graphqlResponse | typeof json;

/** What a client accepts, by what may come of its operation; undefined where it accepts nothing for that. */
export interface Acceptance {
  /** For one answer. */
  readonly single: ResponseMediaType | typeof eventStream | undefined;
  /** For the answers of a subscription. */
  readonly stream: typeof eventStream | typeof multipart | undefined;
  /** For an answer that is told in parts. */
  readonly deferred: IncrementalFormat | undefined;
  /** For what is said before there is an answer, which is JSON whatever the client accepts. */
  readonly fault: ResponseMediaType;
}

type Offer = ResponseMediaType | typeof eventStream | typeof multipart;

interface Range<Form extends Offer> {
  readonly offer: Form;
  readonly weight: number;
  readonly parameters: ReadonlyMap<string, string>;
}

/** What satisfies each range of an `Accept` header; `*` gets what the oldest clients understand. */
const offers: Readonly<Record<string, Offer>> = {
  [graphqlResponse]: graphqlResponse,
  [json]: json,
  'application/*': json,
  '*/*': json,
  [eventStream]: eventStream,
  [multipart]: multipart,
};

/** The version of Apollo's subscriptions over multipart that is served; who names none takes any. */
const subscriptionSpec = '1.0';

/** Extensions of `multipart/mixed` that are about answers in parts, and the formats that are served of each. */
const deferralSpecs: Readonly<Record<string, Readonly<Record<string, IncrementalFormat>>>> = {
  deferspec: { '20220824': deferSpec20220824 },
  incrementalspec: { 'v0.2': incrementalSpec02 },
};

const maxKnown = 200;
const maxKnownLength = 300;

const nothingSaid: Acceptance = { single: json, stream: undefined, deferred: undefined, fault: json };

/**
 * Reads an `Accept` header: the client's highest weight wins, then its order; but one answer comes as JSON where the
 * client likes that as much as a stream, and in parts where it likes those as much as all at once.
 *
 * @throws HttpFault 406 where the client wants nothing that is served here
 */
export function negotiate(accept: string | undefined): Acceptance {
  if (accept === undefined || accept.trim() === '') return nothingSaid;
  const ranges = accept.split(',').flatMap(readRange);
  const whole = heaviest(ranges.filter((range) => isOf(range, graphqlResponse, json)));
  const events = heaviest(ranges.filter((range) => isOf(range, eventStream)));
  const stream = heaviest(ranges.filter((range) => isOf(range, eventStream, multipart)).filter(carriesSubscriptions));
  const parts = heaviest(ranges.filter((range) => isOf(range, multipart) && deferralFormat(range) !== undefined));
  if ((whole ?? stream ?? parts) === undefined) throw notAcceptable();
  const single = events !== undefined && events.weight > (whole?.weight ?? 0) ? events : whole;
  return {
    single: single?.offer,
    stream: stream?.offer,
    deferred: parts !== undefined && parts.weight >= (single?.weight ?? 0) ? deferralFormat(parts) : undefined,
    fault: whole?.offer ?? json,
  };
}

/** The negotiation of a server: the few headers that its clients send are read once. */
export function createNegotiate(): typeof negotiate {
  const known = new Map<string, Acceptance>();
  return (accept) => {
    const found = known.get(accept ?? '');
    if (found !== undefined) return found;
    const acceptance = negotiate(accept);
    if (known.size < maxKnown && (accept ?? '').length <= maxKnownLength) known.set(accept ?? '', acceptance);
    return acceptance;
  };
}

/** Whether a browser asks for a page here, not for an answer. */
export function prefersHtml(accept: string | undefined): boolean {
  return accept !== undefined && /\btext\/html\b/i.test(accept) && !accept.includes(graphqlResponse);
}

/** The refusal of who accepts nothing that could carry the answer. */
export function notAcceptable(): HttpFault {
  return new HttpFault(406, `Answers are ${graphqlResponse}, ${json} or ${eventStream}: accept one of them`);
}

function readRange(text: string): Range<Offer>[] {
  const [name = '', ...rest] = text.split(';').map((part) => part.trim().toLowerCase());
  const offer = Object.hasOwn(offers, name) ? offers[name] : undefined;
  if (offer === undefined) return [];
  const parameters = new Map(rest.map((part) => parameter(part)));
  const charset = parameters.get('charset') ?? 'utf-8';
  const weight = parameters.has('q') ? Number(parameters.get('q')) || 0 : 1;
  return weight > 0 && /^utf-?8$/.test(charset) ? [{ offer, weight, parameters }] : [];
}

function parameter(text: string): [string, string] {
  const [name = '', value = ''] = text.split('=');
  return [name.trim(), value.trim().replace(/^"(.*)"$/, '$1')];
}

function carriesSubscriptions({ offer, parameters }: Range<Offer>): boolean {
  if (offer === eventStream) return true;
  if (Object.keys(deferralSpecs).some((name) => parameters.has(name))) return false;
  return (parameters.get('subscriptionspec') ?? subscriptionSpec) === subscriptionSpec;
}

/** A client that names no format is taken to read what most do. */
function deferralFormat({ parameters }: Range<Offer>): IncrementalFormat | undefined {
  if (parameters.has('subscriptionspec')) return undefined;
  const named = Object.entries(deferralSpecs).find(([name]) => parameters.has(name));
  return named === undefined ? deferSpec20220824 : named[1][parameters.get(named[0]) ?? ''];
}

function isOf<Form extends Offer>(range: Range<Offer>, ...forms: readonly Form[]): range is Range<Form> {
  return (forms as readonly Offer[]).includes(range.offer);
}

function heaviest<Form extends Offer>(ranges: readonly Range<Form>[]): Range<Form> | undefined {
  return ranges.reduce<Range<Form> | undefined>(
    (best, range) => (best === undefined || range.weight > best.weight ? range : best),
    undefined,
  );
}
