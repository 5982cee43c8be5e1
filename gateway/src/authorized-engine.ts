import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import type { RequestContext } from './context.js';
import type { Engine } from './execution/engine.js';
import type { PreparedOperation } from './execution/prepared-operation.js';
import type { Authorization } from './guards/authorization/authorization.js';
import { joinWithheld, type Withheld } from './guards/authorization/withheld.js';

/** An operation of a document that was parsed from a text and validated. */
export interface SourceOperation {
  readonly document: DocumentNode;
  readonly source: string;
  readonly operation: OperationDefinitionNode;
}

/** An engine that plans for each caller what that caller may have, and asks again for each event of a subscription. */
export interface AuthorizedEngine extends Engine {
  /** @throws as {@link Engine.prepare}, and OperationRefusal where the caller may not run the operation */
  prepareFor(operation: SourceOperation, context: RequestContext): Promise<PreparedOperation>;
  /** Whether only some callers may have some of an operation, whoever has prepared it. */
  isGuarded(prepared: PreparedOperation): boolean;
}

interface Origin extends SourceOperation {
  readonly withheld: Withheld | undefined;
}

/** @param authorization undefined for a supergraph that protects nothing */
export function createAuthorizedEngine(engine: Engine, authorization: Authorization | undefined): AuthorizedEngine {
  /** Where the subscriptions come from that touch something protected. */
  const origins = new WeakMap<PreparedOperation, Origin>();
  const guarded = new WeakSet<PreparedOperation>();

  async function prepareWithout(source: SourceOperation, withheld: Withheld | undefined): Promise<PreparedOperation> {
    return engine.prepare(source.document, source.source, source.operation.name?.value, withheld);
  }

  /** What was withheld when the stream was opened stays so: the subgraph was not asked for it. */
  async function prepareForEvent(prepared: PreparedOperation, context: RequestContext): Promise<PreparedOperation> {
    const origin = origins.get(prepared);
    if (origin === undefined) return prepared;
    const withheld = await authorization?.judge(origin.document, origin.operation, context);
    if (withheld === undefined || withheld.key === origin.withheld?.key) return prepared;
    return prepareWithout(origin, origin.withheld === undefined ? withheld : joinWithheld(origin.withheld, withheld));
  }

  return {
    ...engine,
    isGuarded: (prepared) => guarded.has(prepared),
    async prepareFor(source, context) {
      const judgement = authorization?.judge(source.document, source.operation, context);
      if (judgement === undefined) return prepareWithout(source, undefined);
      const withheld = await judgement;
      const prepared = await prepareWithout(source, withheld);
      guarded.add(prepared);
      if (prepared.kind === 'subscription') origins.set(prepared, { ...source, withheld });
      return prepared;
    },
    async executeEvent(prepared, event, variables, context) {
      return engine.executeEvent(await prepareForEvent(prepared, context), event, variables, context);
    },
  };
}
