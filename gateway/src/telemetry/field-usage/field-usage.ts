import { hash as digest } from 'node:crypto';
import type { EventBus } from '@tessera/service/events';
import type { Logger } from '@tessera/service/logging';
import type { UsedOperation } from '@tessera/service/operations';
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import type { RequestContext } from '../../context.js';
import { createCoordinateCollector } from './collect-coordinates.js';
import { DescribedOperations } from './described-operations.js';
import { FieldUsageWindow } from './field-usage-window.js';
import { OperationUses } from './operation-uses.js';
import { toFieldReports, type FieldReport } from './to-field-reports.js';

export interface FieldUsageOptions {
  readonly eventBus: EventBus;
  readonly logger: Logger;
  readonly intervalMs: number;
}

/** The document of an operation that runs. */
export interface UsedDocument {
  /** SHA-256 of its text, hex. */
  readonly hash: string;
  readonly document: DocumentNode;
}

/** Counts a use of one operation of a document, by client. Called once a request. */
export type CountFields = (
  document: UsedDocument,
  operation: OperationDefinitionNode,
  client: Pick<RequestContext, 'clientName' | 'clientVersion'>,
) => void;

/** Counts which client uses what of the schema, and tells analytics. */
export interface FieldUsage {
  /** Counts operations of one schema, each of which is looked through the first time. */
  forSchema(schema: GraphQLSchema): CountFields;
  /** Sends what is left, and stops. */
  close(): Promise<void>;
}

/** Starts counting; while nothing is used nothing is sent. */
export function startFieldUsage({ eventBus, logger, intervalMs }: FieldUsageOptions): FieldUsage {
  const described = new DescribedOperations();
  const openWindow = (): FieldUsageWindow => {
    described.next();
    return new FieldUsageWindow((operation) => described.admits(operation));
  };
  let window = openWindow();
  /** Reports that were not accepted are sent again as they are: whether they arrived all the same, their ids tell. */
  let pending: FieldReport[] = [];
  let reporting: Promise<void> | undefined;

  const report = async (): Promise<void> => {
    if (pending.length === 0) {
      const { uses, operations } = window.toUses();
      if (uses.length > 0) window = openWindow();
      pending = [...toFieldReports(uses, operations, (key) => described.has(key))];
    }
    try {
      for (let next = pending[0]; next !== undefined; next = pending[0]) {
        await eventBus.publish([next.event]);
        described.add(next.operations);
        pending.shift();
      }
    } catch (error) {
      logger.warn({ err: error }, 'reporting the use of fields failed: it waits for the next report');
    }
  };
  const timer = setInterval(() => {
    reporting ??= report().finally(() => (reporting = undefined));
  }, intervalMs);
  timer.unref();

  return {
    forSchema(schema) {
      const collect = createCoordinateCollector(schema);
      const known = new WeakMap<OperationDefinitionNode, OperationUses>();
      return (document, operation, { clientName, clientVersion }) => {
        let uses = known.get(operation);
        if (uses === undefined) {
          uses = new OperationUses(describe(document, operation, collect(document.document, operation)), window);
          known.set(operation, uses);
        }
        uses.count(window, clientName, clientVersion);
      };
    },
    async close() {
      clearInterval(timer);
      await reporting;
      await report();
    },
  };
}

const maxNameLength = 200;

function describe(
  { hash }: UsedDocument,
  { name }: OperationDefinitionNode,
  coordinates: readonly string[],
): UsedOperation {
  const operationName = (name?.value ?? 'anonymous').slice(0, maxNameLength);
  // The same text needs other things of another schema: it is another operation then.
  const key = digest('sha256', JSON.stringify([hash, operationName, coordinates]));
  return { key, operationId: hash, operationName, coordinates: [...coordinates] };
}
