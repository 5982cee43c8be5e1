import type { DocumentNode, FormattedExecutionResult, OperationDefinitionNode } from 'graphql';
import type { RequestContext } from './context.js';
import type { Engine } from './execution/engine.js';
import type { PreparedOperation } from './execution/prepared-operation.js';
import type { Asker, Authorization } from './guards/authorization/authorization.js';
import { assertStream } from './guards/authorization/refusal.js';
import { joinWithheld, partOf, type Withheld } from './guards/authorization/withheld.js';
import type { ServiceGuard } from './guards/tenants/service-guard.js';

/** An operation of a document that was parsed from a text and validated. */
export interface SourceOperation {
  readonly document: DocumentNode;
  readonly source: string;
  readonly operation: OperationDefinitionNode;
}

/** An engine that plans for each caller what that caller may have, and asks again for each event of a subscription. */
export interface AuthorizedEngine extends Engine {
  /** @throws as {@link Engine.prepare}, and OperationRefusal where the caller may not run the operation */
  prepareFor(operation: SourceOperation, caller: Asker): PreparedOperation | Promise<PreparedOperation>;
  /** Whether only some callers may have some of an operation, whoever has prepared it. */
  isGuarded(prepared: PreparedOperation): boolean;
}

interface Origin extends SourceOperation {
  readonly withheld: Withheld | undefined;
}

type Execute = Engine['execute'];

interface Judgement {
  readonly withheld: Withheld | undefined;
}

/** Of an operation that touches nothing protected, and nothing that is switched off. */
const unprotected: Judgement = { withheld: undefined };

/** Who decides what is withheld; each may be absent. */
export interface Judges {
  /** Undefined for a supergraph that protects nothing. */
  readonly authorization: Authorization | undefined;
  /** Undefined where nothing is known of tenants. */
  readonly services: ServiceGuard | undefined;
}

/**
 * @param isSignInKnown whether this gateway learns who somebody becomes by a mutation (`RequestContext.reauthenticate`)
 */
export function createAuthorizedEngine(
  engine: Engine,
  { authorization, services }: Judges,
  isSignInKnown: boolean,
): AuthorizedEngine {
  if (authorization === undefined && services === undefined) {
    return { ...engine, isGuarded: () => false, prepareFor: (source) => prepareWithout(source, undefined) };
  }
  /** Where the subscriptions come from that touch something protected. */
  const streams = new WeakMap<PreparedOperation, Origin>();
  const guarded = new WeakSet<PreparedOperation>();
  /** Where mutations come from that may sign somebody in who may read more below them. */
  const signIns = new WeakMap<PreparedOperation, Origin>();
  async function decide({ document, operation }: SourceOperation, caller: Asker): Promise<Judgement> {
    const off = services === undefined ? undefined : await services.judge(document, operation, caller);
    if (off !== undefined) assertStream(operation, off);
    const rights = authorization?.judge(document, operation, caller);
    if (rights === undefined) return off === undefined ? unprotected : { withheld: off };
    const forbidden = await rights;
    return {
      withheld: off === undefined || forbidden === undefined ? (off ?? forbidden) : joinWithheld(off, forbidden),
    };
  }
  const judge = async (source: SourceOperation, caller: Asker): Promise<Withheld | undefined> =>
    (await decide(source, caller)).withheld;

  function prepareWithout(
    source: SourceOperation,
    withheld: Withheld | undefined,
  ): PreparedOperation | Promise<PreparedOperation> {
    return engine.prepare(source.document, source.source, source.operation.name?.value, withheld);
  }

  /** What was withheld when the stream was opened stays so: the subgraph was not asked for it. */
  async function prepareForEvent(prepared: PreparedOperation, context: RequestContext): Promise<PreparedOperation> {
    const origin = streams.get(prepared);
    if (origin === undefined) return prepared;
    const withheld = await judge(origin, context);
    if (withheld === undefined || withheld.key === origin.withheld?.key) return prepared;
    return prepareWithout(origin, origin.withheld === undefined ? withheld : joinWithheld(origin.withheld, withheld));
  }

  /** Nobody does what they may not; what may be read of it is another matter until it is known who is signed in. */
  async function prepareSignIn(source: SourceOperation, withheld: Withheld): Promise<PreparedOperation> {
    const atRoot = partOf(withheld, 'root');
    const prepared = await prepareWithout(source, atRoot);
    guarded.add(prepared);
    signIns.set(prepared, { ...source, withheld: atRoot });
    return prepared;
  }

  async function prepareBelow(origin: Origin, context: RequestContext): Promise<PreparedOperation> {
    const withheld = await judge(origin, context);
    const below = withheld === undefined ? undefined : partOf(withheld, 'below');
    if (below === undefined || origin.withheld === undefined) return prepareWithout(origin, below ?? origin.withheld);
    return prepareWithout(origin, joinWithheld(origin.withheld, below));
  }

  const execute: Execute = (prepared, variables, context, sources): Promise<FormattedExecutionResult> => {
    const signIn = context.principal.kind === 'anonymous' ? signIns.get(prepared) : undefined;
    if (signIn === undefined) return engine.execute(prepared, variables, context, sources);
    return engine.executeInStages(prepared, variables, context, (now) => prepareBelow(signIn, now));
  };

  /** What a sign-in may be answered is known when it is done: such an answer comes at once. */
  const executeDeferred: Engine['executeDeferred'] = async (prepared, variables, context, sources) => {
    const isSignIn = context.principal.kind === 'anonymous' && signIns.has(prepared);
    if (isSignIn) return { first: await execute(prepared, variables, context, sources) };
    return engine.executeDeferred(prepared, variables, context, sources);
  };

  return {
    ...engine,
    execute,
    executeDeferred,
    isGuarded: (prepared) => guarded.has(prepared),
    async prepareFor(source, caller) {
      const judgement = await decide(source, caller);
      const { withheld } = judgement;
      const { operation } = source.operation;
      if (judgement === unprotected) {
        const prepared = await prepareWithout(source, undefined);
        // A service may be switched off while it runs.
        if (services !== undefined && operation === 'subscription') streams.set(prepared, { ...source, withheld });
        return prepared;
      }
      const isSignIn = isSignInKnown && operation === 'mutation' && caller.principal.kind === 'anonymous';
      if (isSignIn && withheld !== undefined) return prepareSignIn(source, withheld);
      const prepared = await prepareWithout(source, withheld);
      guarded.add(prepared);
      if (prepared.kind === 'subscription') streams.set(prepared, { ...source, withheld });
      return prepared;
    },
    async executeEvent(prepared, event, variables, context) {
      return engine.executeEvent(await prepareForEvent(prepared, context), event, variables, context);
    },
  };
}

/** Prepares an operation for somebody who has not asked; who is refused here would be refused as a caller. */
export async function prepareIfAllowed(
  engine: AuthorizedEngine,
  operation: SourceOperation,
  principal: Asker['principal'],
): Promise<PreparedOperation | undefined> {
  try {
    return await engine.prepareFor(operation, { principal });
  } catch {
    return undefined;
  }
}
