import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from '@tessera/service/logging';
import { ManifestFault } from '@tessera/service/operations';
import type { LoadedManifest, ManifestSource } from './manifest-source.js';
import {
  emptyOperationList,
  OperationListBuilder,
  type OperationList,
  type OperationListLimits,
} from './operation-list.js';

export interface RegisteredOperationsOptions {
  readonly sources: readonly ManifestSource[];
  readonly limits: OperationListLimits;
  readonly logger: Logger;
  /** How long after a source could not be read it is tried again. Default 1,000. */
  readonly retryAfterMs?: number;
}

/** Makes a list ready to take traffic; its failure does not keep the list from taking it. */
export type PrepareList = (list: OperationList) => Promise<void>;

/** The registered operations of now. */
export interface RegisteredOperations {
  /** Whether there is a place that operations could be registered at. */
  readonly isUsed: boolean;
  readonly list: OperationList;
  /** Whether every source has been read once: until then, what is not listed may yet be. */
  readonly isComplete: boolean;
  /** Takes over what there is, and what comes; resolves when the first list takes traffic. */
  start(prepare: PrepareList): Promise<void>;
  /** How many manifests are refused now, and the one before is in their place. */
  readonly refused: number;
  close(): Promise<void>;
}

/** Creates the registry of operations; it reads nothing before it is started. */
export function createRegisteredOperations(options: RegisteredOperationsOptions): RegisteredOperations {
  const { sources, limits, logger, retryAfterMs = 1_000 } = options;
  const closing = new AbortController();
  const known = new Map<ManifestSource, readonly LoadedManifest[]>();
  let list = emptyOperationList;
  let manifests: readonly LoadedManifest[] | undefined;
  let prepare: PrepareList = async () => undefined;
  let updating: Promise<void> | undefined;
  let isDue = false;
  let isListRefused = false;
  let stops: readonly (() => Promise<void>)[] = [];

  /** @returns whether all could be read */
  async function readSources(): Promise<boolean> {
    let areRead = true;
    for (const source of sources) {
      try {
        known.set(source, await source.read());
      } catch (error) {
        areRead = false;
        logger.warn({ err: error }, 'registered operations cannot be read now; those known stay');
      }
    }
    return areRead;
  }

  /** The first list does without what does not fit into it; a later one that does not fit leaves the one before. */
  function build(offered: readonly LoadedManifest[]): OperationList {
    const builder = new OperationListBuilder(limits);
    for (const manifest of offered) {
      try {
        builder.add(manifest);
      } catch (error) {
        if (!(error instanceof ManifestFault)) throw error;
        logger.error({ origin: manifest.origin, reasons: error.reasons }, 'a manifest of operations is refused');
        isListRefused = true;
        if (manifests !== undefined) return list;
      }
    }
    return builder.build();
  }

  async function takeOver(): Promise<void> {
    const offered = sources.flatMap((source) => known.get(source) ?? []);
    if (manifests !== undefined && isSame(offered, manifests)) return;
    isListRefused = false;
    const next = build(offered);
    manifests = offered;
    if (next === list) return;
    await prepare(next);
    if (closing.signal.aborted) return;
    list = next;
    logger.info({ operations: next.size, manifests: offered.length }, 'registered operations are in use');
  }

  async function updateWhileDue(): Promise<void> {
    while (isDue && !closing.signal.aborted) {
      isDue = false;
      const areRead = await readSources();
      await takeOver();
      if (!areRead)
        void wait(retryAfterMs, undefined, { signal: closing.signal, ref: false }).then(update, () => undefined);
    }
    updating = undefined;
  }

  function update(): Promise<void> {
    isDue = true;
    updating ??= updateWhileDue().catch((error: unknown) => {
      updating = undefined;
      logger.error({ err: error }, 'registered operations cannot be brought up to date');
    });
    return updating;
  }

  return {
    isUsed: sources.length > 0,
    get list() {
      return list;
    },
    get isComplete() {
      return known.size === sources.length;
    },
    get refused() {
      return sources.reduce((sum, source) => sum + source.refused, isListRefused ? 1 : 0);
    },
    async start(prepareList) {
      prepare = prepareList;
      if (sources.length === 0) return;
      // Listened to first: what changes while the first list is read is read again.
      stops = sources.map((source) => source.watch(() => void update()));
      await update();
    },
    async close() {
      closing.abort();
      await Promise.all(stops.map((stop) => stop()));
      await updating;
    },
  };
}

function isSame(left: readonly LoadedManifest[], right: readonly LoadedManifest[]): boolean {
  return left.length === right.length && left.every((manifest, index) => manifest === right[index]);
}
