import { DatabaseError, type PoolClient } from 'pg';
import type { Preliminary } from './preliminary.js';
import type { ReadTimes } from './read-times.js';
import { SessionPipeline, type PipelineOutcome, type Rows, type Statement } from './session-pipeline.js';
import type { SlowPlans } from './slow-plans.js';
import { traceStatement } from './trace-queries.js';

/** Where connections come from. */
export interface ConnectionSource {
  connect(): Promise<PoolClient>;
  /** Hears that a connection broke. */
  failed?(error: unknown): void;
}

/** What all statements of a session have in common. */
export interface Session {
  readonly source: ConnectionSource;
  /** What is sent before each, or before several that go together. */
  readonly preliminaries: readonly Preliminary[];
  /** Absent where each is planned for its values anyway. */
  readonly slowPlans?: SlowPlans;
  /** Absent where each statement goes alone, because it may write, or because it is slow anyway. */
  readonly readTimes?: ReadTimes;
}

interface Waiting extends Statement {
  readonly resolve: (rows: Rows) => void;
  readonly reject: (error: unknown) => void;
}

/** Statements that go together, once there is a connection for them. */
interface Batch {
  readonly statements: Waiting[];
  expectedMs: number;
}

/** More of them do not go together, however quick they are. */
const maxTogether = 16;

/**
 * Runs the statements of one caller, each as if it were alone. Quick reads that are asked for while one of them waits for its
 * connection, which takes to the end of the event loop's turn at least, go with it: so the settings of a request's fields are sent once.
 * An error fails the statement that it belongs to; those after it are sent again.
 */
export class SessionStatements {
  readonly #session: Session;
  /** What others may still join. */
  #open: Batch | undefined;

  constructor(session: Session) {
    this.#session = session;
  }

  async run<Row>(text: string, values: readonly unknown[]): Promise<Row[]> {
    const { rows } = await traceStatement(text, () => {
      return new Promise<Rows>((resolve, reject) => this.#place({ text, values, resolve, reject }));
    });
    return rows as Row[];
  }

  #place(statement: Waiting): void {
    const { readTimes } = this.#session;
    const expectedMs = readTimes?.expectedMs(statement.text) ?? Infinity;
    if (readTimes?.areQuick(expectedMs) !== true) return void this.#send([statement]);
    const batch = this.#open;
    if (batch !== undefined && readTimes.areQuick(batch.expectedMs + expectedMs)) {
      batch.expectedMs += expectedMs;
      batch.statements.push(statement);
      if (batch.statements.length === maxTogether) this.#open = undefined;
      return;
    }
    const opened: Batch = { statements: [statement], expectedMs };
    this.#open = opened;
    void this.#send(opened.statements, opened);
  }

  /** Settles all of them, whatever happens. @param batch theirs, where others may still join them */
  async #send(statements: readonly Waiting[], batch?: Batch): Promise<void> {
    const { source } = this.#session;
    let client: PoolClient | undefined;
    try {
      client = await source.connect();
      // Loaders ask at the end of all that promises still have to do; what they ask for then comes before this.
      if (batch !== undefined) await new Promise<void>((resolve) => process.nextTick(resolve));
      this.#close(batch);
      const broken = await this.#runOn(client, statements);
      client.release(broken !== undefined);
      if (broken === undefined) return;
      source.failed?.(broken.error);
      // They were never begun, but it may have been one of them that the connection broke by: each has one of its own now.
      for (const statement of broken.left) void this.#send([statement]);
    } catch (error) {
      this.#close(batch);
      client?.release(true);
      for (const { reject } of statements) reject(error);
    }
  }

  #close(batch: Batch | undefined): void {
    if (this.#open === batch) this.#open = undefined;
  }

  /** @returns what is left where the connection broke: nobody should get it after this */
  async #runOn(
    client: PoolClient,
    statements: readonly Waiting[],
  ): Promise<{ readonly error: Error; readonly left: readonly Waiting[] } | undefined> {
    let left = statements;
    while (left.length > 0) {
      const { answers, failure } = await this.#pipeline(client, left);
      for (const [index, answer] of answers.entries()) {
        if ('rows' in answer) left[index]?.resolve(answer.rows);
        else left[index]?.reject(answer.error);
      }
      left = left.slice(answers.length);
      if (failure === undefined || failure.canBeRepeated) continue;
      const { error } = failure;
      left[0]?.reject(error);
      left = left.slice(1);
      if (!(error instanceof DatabaseError && error.severity === 'ERROR')) return { error, left };
    }
    return undefined;
  }

  #pipeline(client: PoolClient, statements: readonly Waiting[]): Promise<PipelineOutcome> {
    const { preliminaries, slowPlans, readTimes } = this.#session;
    const startMs = performance.now();
    // One plan for all values may have become too slow for one of them, which makes little difference to the others.
    const ownPlan = slowPlans && firstOf(statements, ({ text }) => slowPlans.preliminaryOf(text, startMs));
    const before = ownPlan === undefined ? preliminaries : [...preliminaries, ownPlan];
    return new Promise((resolve) => {
      const pipeline = new SessionPipeline(statements, before, (outcome) => {
        const nowMs = performance.now();
        const begun = statements.slice(0, outcome.answers.length + 1).map(({ text }) => text);
        for (const text of begun) slowPlans?.note(text, { startMs, nowMs, hadOwnPlan: ownPlan !== undefined });
        if (outcome.failure?.canBeRepeated !== true) readTimes?.note(begun, nowMs - startMs);
        resolve(outcome);
      });
      client.query(pipeline);
    });
  }
}

function firstOf<Item, Found>(items: readonly Item[], find: (item: Item) => Found | undefined): Found | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
