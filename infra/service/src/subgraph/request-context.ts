import type { MikroORM } from '@mikro-orm/postgresql';
import type { SignedCaller } from '../identity/index.js';
import { DataScope, type Replication } from '../tenancy/index.js';
import type { SubgraphContext } from './context.js';

/** Makes the context of one request or of one event; whoever makes it closes its scope. */
export type CreateRequestContext = (
  caller: SignedCaller,
  requestId: string,
  /** Default: the request has no turn that others could have. */
  standAside?: SubgraphContext['standAside'],
) => SubgraphContext;

const noTurn = (): (() => void) => () => undefined;

export function requestContextFactory(
  { orm, replication }: { readonly orm: MikroORM; readonly replication: Replication | undefined },
  extend: (base: SubgraphContext) => SubgraphContext,
): CreateRequestContext {
  return ({ principal, client }, requestId, standAside = noTurn) =>
    extend({
      requestId,
      principal,
      client,
      scope: new DataScope(orm, principal, replication),
      standAside,
      responseHeaders: new Map(),
    });
}
