import type { Lifecycle } from '@tessera/service/lifecycle';
import type { Logger } from '@tessera/service/logging';
import type { SupergraphSource } from './planning/supergraph-source.js';
import type { SupergraphSwitch } from './supergraph-switch.js';

interface WatchGround {
  readonly logger: Logger;
  readonly lifecycle: Pick<Lifecycle, 'defer'>;
}

/** Offers each supergraph that a source has to the switch, until the gateway stops. */
export function watchSource(
  { logger, lifecycle }: WatchGround,
  supergraphs: Pick<SupergraphSwitch, 'offer'>,
  source: SupergraphSource | undefined,
): void {
  if (source === undefined) return;
  const stop = source.watch(
    (supergraphSdl) => void supergraphs.offer(supergraphSdl),
    (error) => logger.error({ err: error }, 'a new supergraph cannot be read'),
  );
  lifecycle.defer('supergraph source', stop);
}
