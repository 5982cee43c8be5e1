import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readInvitationsFromFolder } from '../../support/invitation-mails.js';
import { transportsFor } from '../../gateway/support/transports.js';
import { startLocalMode, type LocalMode } from '../../support/local-mode.js';
import { send } from '../../support/graphql-client.js';
import { defineAttacks } from './attacks.js';
import { defineCursors } from './cursors.js';
import { defineFileNetworks } from './file-networks.js';
import { expectedVerdict } from './expected-verdict.js';
import { expire } from './expired-token.js';
import { callerNames, type FieldCase, type Variables } from './field-case.js';
import { fieldCases, streamCases } from './fields.js';
import { hasIds, sendCall, transportsOf, withoutIds, withoutSentIds, withRandomIds } from './matrix-call.js';
import type { CallResult, MatrixCall } from './matrix-call.js';
import { listenByEveryTransport, type StreamResult } from './matrix-stream.js';
import { defineOracles } from './oracles.js';
import { createWorld, mark, platformAdminEmail, type Attacked, type World } from './world.js';

let local: LocalMode;
let world: World;

beforeAll(async () => {
  local = await startLocalMode({
    environment: {
      SUPER_ADMIN_EMAILS: platformAdminEmail,
      RATE_LIMITS: 'none',
      SIGN_IN_FREE_FAILURES: '1000',
      TRUSTED_PROXIES: 'loopback',
    },
  });
  const readInvitation = readInvitationsFromFolder(join(local.dataDirectory, 'mail'));
  world = await createWorld({ origin: local.origin, readInvitation }, (token) => expire(local, token));
}, 180_000);

afterAll(() => local?.remove());

test.each(Object.entries(fieldCases))(
  '%s gives each caller what is theirs, by every transport',
  async (name, fieldCase) => {
    const results = await callAll(name, fieldCase);

    const entries = (read: (result: CallResult, call: MatrixCall) => string): Record<string, string> =>
      Object.fromEntries(
        results.map(([call, result]) => [`${call.caller} by ${call.transport.name}`, read(result, call)]),
      );
    expect(entries(({ verdict }) => verdict)).toEqual(
      entries((_result, call) => expectedVerdict(name, fieldCase, call)),
    );
    expect(
      results.filter((result) => isLeak(fieldCase, result)).map(([{ caller }, { text }]) => `${caller}: ${text}`),
    ).toEqual([]);
    const shown = results.filter(([{ caller }, { text }]) => caller === 'admin' && showsTenant(text));
    expect(shown.length === 0 && (fieldCase.isRevealing ?? fieldCase.kind === 'query')).toBe(false);
    await expectSameForRandomIds(fieldCase, results);
  },
  120_000,
);

test.each(Object.entries(streamCases))(
  '%s brings a subscriber what happens in the own tenant alone, by every transport',
  async (_name, { operation, variables, subscribers, silent = [], revealsTo }) => {
    const callers = [...subscribers, ...silent];
    const tokens = await Promise.all(callers.map((caller) => world.freshAuthorization(caller)));
    // Nothing announces that a subscription stands: alerts go on until everybody has heard one who is to.
    const happening = new AbortController();
    const sent = { query: operation, ...(variables && { variables: variables(world.things) }) };
    const listen = (index: number, isOver?: Promise<unknown>) =>
      listenByEveryTransport(local.origin, sent, tokens[index] ?? '', isOver);
    const hearing = Promise.all(subscribers.map((_caller, index) => listen(index)));
    const heard = hearing.finally(() => happening.abort());
    const silence = Promise.all(silent.map((_caller, index) => listen(subscribers.length + index, heard)));
    await Promise.all([heard, silence, world.raiseAlertsUntil(happening.signal)]);

    const results = [...(await heard), ...(await silence)];
    for (const [index, caller] of callers.entries()) {
      const { [index]: own = [] } = results;
      const by = (isMeant: (result: StreamResult) => boolean) => own.filter(isMeant).map(({ transport }) => transport);
      const all = by(() => true);
      expect([caller, by(({ text }) => showsTenant(text))]).toEqual([caller, revealsTo.includes(caller) ? all : []]);
      // Who hears nothing was not refused before: it is the end of the session that ends it.
      const isSilent = ({ events, verdict }: StreamResult) => events === 0 && verdict === 'UNAUTHENTICATED';
      expect([caller, by(isSilent)]).toEqual([caller, silent.includes(caller) ? all : []]);
    }
  },
  120_000,
);

test.each(Object.entries(streamCases))(
  '%s is refused to who is nobody there, by every transport',
  async (_name, { operation, variables, refused }) => {
    for (const caller of callerNames.filter((name) => refused[name] !== undefined)) {
      const results = await Promise.all(
        transportsFor('subscription').map(([, transport]) =>
          sendCall(`${local.origin}/graphql`, operation, {
            caller,
            transport,
            variables: variables?.(world.things),
            authorization: world.authorization(caller),
          }),
        ),
      );
      const { [caller]: code } = refused;
      expect(results.map(({ verdict }) => [caller, verdict])).toEqual(results.map(() => [caller, code]));
    }
  },
  120_000,
);

const attacked: Attacked = {
  origin: () => local.origin,
  things: () => world.things,
  authorization: (caller) => world.authorization(caller),
  sendAs: (caller, request) =>
    send(local.origin, { ...request, token: world.authorization(caller)?.replace('Bearer ', '') }),
};
for (const define of [defineAttacks, defineCursors, defineOracles, defineFileNetworks]) define(attacked);

type Call = Pick<MatrixCall, 'caller' | 'transport'>;

type Results = readonly (readonly [MatrixCall, CallResult])[];

/** First those who are refused, all with the same variables; then, by what is still there, those who are not. */
async function callAll(name: string, fieldCase: FieldCase): Promise<Results> {
  const shared = await variablesFor(fieldCase);
  const calls = callerNames.flatMap((caller) => transportsOf(fieldCase).map((transport) => ({ caller, transport })));
  const isRefused = (call: Call): boolean => expectedVerdict(name, fieldCase, call) !== 'answer';
  const refused = await Promise.all(calls.filter(isRefused).map(async (call) => sendAs(fieldCase, call, shared)));
  const served: (readonly [MatrixCall, CallResult])[] = [];
  for (const call of calls.filter((each) => !isRefused(each))) {
    served.push(await sendAs(fieldCase, call, served.length === 0 ? shared : await variablesFor(fieldCase)));
  }
  return [...refused, ...served];
}

async function variablesFor({ variables, fresh }: FieldCase): Promise<Variables | undefined> {
  return fresh === undefined ? variables?.(world.things) : fresh(world.maker);
}

async function sendAs(
  { operation, usesUpSession = false, verdicts }: FieldCase,
  { caller, transport }: Call,
  variables: Variables | undefined,
): Promise<readonly [MatrixCall, CallResult]> {
  const needsSession = usesUpSession && verdicts[caller] === 'answer';
  const authorization = needsSession ? await world.freshAuthorization(caller) : world.authorization(caller);
  const call = { caller, transport, variables, authorization };
  return [call, await sendCall(`${local.origin}/graphql`, operation, call)];
}

function showsTenant(text: string): boolean {
  return [mark, ...Object.values(world.things)].some((secret) => text.includes(secret));
}

/** Whether an outsider's answer shows something of the tenant, or a member's what was to be withheld from it. */
function isLeak({ withheld }: FieldCase, [{ caller, variables }, { text }]: Results[number]): boolean {
  if (withheld?.[caller]?.(world.things).some((secret) => text.includes(secret))) return true;
  return caller !== 'admin' && caller !== 'member' && showsTenant(withoutSentIds(text, variables));
}

async function expectSameForRandomIds({ operation }: FieldCase, results: Results): Promise<void> {
  for (const [call, { verdict, text }] of results) {
    if (call.caller !== 'stranger' || verdict === 'answer' || !hasIds(call.variables)) continue;
    const random = await sendCall(`${local.origin}/graphql`, operation, {
      ...call,
      variables: withRandomIds(call.variables),
    });
    expect(withoutIds(random.text)).toBe(withoutIds(text));
  }
}
