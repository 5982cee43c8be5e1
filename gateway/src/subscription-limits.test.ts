import { expect, test } from '@jest/globals';
import { AppError } from '@tessera/service/errors';
import { anonymousPrincipal, type Principal } from '@tessera/service/identity';
import type { RequestContext } from './context.js';
import { limitSubscriptions, type SubscriptionLimits } from './subscription-limits.js';
import type { OperationHandler, StreamedAnswer } from './transport/operation-handler.js';

const handler: OperationHandler = {
  authenticate: () => Promise.reject(new Error('nobody is asked')),
  prepare: () =>
    Promise.resolve({
      kind: 'subscription',
      run: () => Promise.reject(new Error('it is none to run')),
      subscribe: () =>
        (async function* (): AsyncGenerator<StreamedAnswer, void, void> {
          yield { answer: {} };
        })(),
    }),
};

const member = (userId: string, tenantId: string): Principal => ({
  kind: 'user',
  userId,
  tenantId,
  roles: [],
  scopes: [],
});

function open(limits: Partial<SubscriptionLimits>) {
  const limited = limitSubscriptions(handler, {
    MAX_SUBSCRIPTIONS: 100,
    MAX_SUBSCRIPTIONS_PER_TENANT: 100,
    MAX_SUBSCRIPTIONS_PER_CALLER: 100,
    ...limits,
  });
  const request = {
    query: 'subscription { a }',
    documentId: undefined,
    operationName: undefined,
    variables: undefined,
    extensions: undefined,
  };
  return async (principal: Principal) => {
    const context: RequestContext = {
      requestId: 'r',
      traceparent: '',
      beginsTrace: false,
      principal,
      encodedPrincipal: '',
      clientName: 'test',
      clientVersion: '1',
      signal: new AbortController().signal,
    };
    return (await limited.prepare(request, context)).subscribe(context);
  };
}

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'opened',
    (error: unknown) => (error instanceof AppError ? error.code : error),
  );

test('one more of a person, of a tenant, or of all is refused, and a place that is given back is free', async () => {
  const ofPerson = open({ MAX_SUBSCRIPTIONS_PER_CALLER: 1 });
  const first = await ofPerson(member('a', 't'));
  expect(await codeOf(ofPerson(member('a', 'u')))).toBe('RATE_LIMITED');
  expect(await codeOf(ofPerson(member('b', 't')))).toBe('opened');
  await first.return();
  expect(await codeOf(ofPerson(member('a', 't')))).toBe('opened');

  const ofTenant = open({ MAX_SUBSCRIPTIONS_PER_TENANT: 1 });
  await ofTenant(member('a', 't'));
  expect(await codeOf(ofTenant(member('b', 't')))).toBe('RATE_LIMITED');
  expect(await codeOf(ofTenant(member('b', 'u')))).toBe('opened');

  const ofAll = open({ MAX_SUBSCRIPTIONS: 1 });
  await ofAll(anonymousPrincipal);
  expect(await codeOf(ofAll(member('b', 'u')))).toBe('OVERLOADED');
});

test('nobody in particular is counted with all alone', async () => {
  const opened = open({ MAX_SUBSCRIPTIONS_PER_CALLER: 1, MAX_SUBSCRIPTIONS_PER_TENANT: 1 });

  for (let count = 0; count < 3; count += 1) expect(await codeOf(opened(anonymousPrincipal))).toBe('opened');
});
