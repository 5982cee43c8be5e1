import { toAppError } from '@tessera/service/errors';
import { getOperationAST, parse, validate, type DocumentNode, type FormattedExecutionResult } from 'graphql';
import { buildWorld, composeWorld, type BuiltWorld } from './built-world.js';
import { compareAnswers } from './compare-answers.js';
import { federateWorld, type FederatedWorld } from './federated-world.js';
import type { OperationModel } from './generate-operation.js';
import type { Laboratory } from './laboratory.js';
import { runMonolith } from './monolith.js';
import type { DataModel } from './world-data.js';
import type { World } from './world.js';

/** A supergraph, with operations that run each on data of its own. */
export interface Case {
  readonly world: World;
  readonly experiments: readonly Experiment[];
}

export interface Experiment {
  readonly operation: OperationModel;
  readonly data: DataModel;
}

export interface Difference {
  /** What kind of difference it is; shrinking stays with it. */
  readonly kind: string;
  readonly experiment: Experiment;
  readonly actual: FormattedExecutionResult | undefined;
  readonly expected: FormattedExecutionResult;
  readonly reason: string;
}

export interface Outcome {
  /** Whether the supergraph composed. */
  readonly isComposed: boolean;
  /** How many operations were valid, and so compared. */
  readonly compared: number;
  /** Operations that took more time to plan than they may. */
  readonly refused: readonly Experiment[];
  readonly differences: readonly Difference[];
}

const notComposed: Outcome = { isComposed: false, compared: 0, refused: [], differences: [] };

/** Compares what an engine over the subgraphs and one schema over the same data answer. */
export async function checkCase({ world, experiments }: Case, laboratory: Laboratory): Promise<Outcome> {
  const opened = open(world, laboratory);
  if (opened === undefined) return notComposed;
  const { built, federated } = opened;
  const differences: Difference[] = [];
  const refused: Experiment[] = [];
  let compared = 0;
  try {
    for (const experiment of experiments) {
      const document = parseValid(built, experiment.operation.source);
      if (document === undefined) continue;
      compared += 1;
      const difference = await compare(built, federated, experiment, document);
      if (difference?.kind === 'OPERATION_TOO_COMPLEX') refused.push(experiment);
      else if (difference !== undefined) differences.push(difference);
    }
  } finally {
    await federated.close();
  }
  if (differences.length > 0 && !isReachable(world)) return notComposed;
  return { isComposed: true, compared, refused, differences };
}

/**
 * Whether everything can be had without what is provided. Composition takes what a field provides for provided below
 * further fields of that type as well: it accepts supergraphs with fields that no subgraph answers where they stand.
 */
function isReachable(world: World): boolean {
  const plain = <Field extends { readonly provides: object }>(fields: readonly Field[]): Field[] =>
    fields.map((field) => ({ ...field, provides: {} }));
  try {
    const built = buildWorld({
      ...world,
      queries: plain(world.queries),
      mutations: plain(world.mutations),
      objects: world.objects.map((object) => ({ ...object, fields: plain(object.fields) })),
    });
    composeWorld(built, () => '');
    return true;
  } catch {
    return false;
  }
}

function open(world: World, { server, openPlanner }: Laboratory) {
  server.forget();
  try {
    const built = buildWorld(world);
    return { built, federated: federateWorld(built, server, openPlanner) };
  } catch {
    return undefined;
  }
}

function parseValid({ schema }: BuiltWorld, source: string): DocumentNode | undefined {
  const document = parse(source, { noLocation: true });
  const operation = getOperationAST(document)?.operation;
  if (operation === undefined || schema.getRootType(operation) == null) return undefined;
  return validate(schema, document, undefined, { maxErrors: 1 }).length === 0 ? document : undefined;
}

async function compare(
  built: BuiltWorld,
  federated: FederatedWorld,
  experiment: Experiment,
  document: DocumentNode,
): Promise<Difference | undefined> {
  const { operation, data } = experiment;
  const worldData = federated.use(data);
  const expected = runMonolith(built.schema, built.index, worldData, document, operation.variables);
  try {
    const actual = await federated.run(operation.source, document, operation.variables);
    const kind = compareAnswers(actual, expected);
    return kind === undefined ? undefined : { kind, experiment, actual, expected, reason: '' };
  } catch (error) {
    const { code, message, cause } = toAppError(error);
    const reason = `${message}: ${cause instanceof Error ? cause.message : ''}`;
    return { kind: code, experiment, actual: undefined, expected, reason };
  }
}
