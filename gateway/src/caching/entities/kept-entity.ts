import type { TaggedCodec } from '@tessera/service/cache';
import type { CachePolicy } from '../policy/cache-policy.js';

/** An entity as a subgraph answered it. */
export interface KeptEntity {
  /** JSON; read anew each time, because what is read is filled in with other subgraphs' fields. */
  readonly text: string;
  readonly policy: CachePolicy;
  /** Milliseconds since the epoch. */
  readonly storedAtMs: number;
}

/** How kept entities travel to the shared store. */
export const entityCodec: TaggedCodec<KeptEntity> = {
  encode: ({ text, ...head }) => `${JSON.stringify(head)}\n${text}`,
  decode(written) {
    const end = written.indexOf('\n');
    if (end === -1) return undefined;
    return { ...(JSON.parse(written.slice(0, end)) as Omit<KeptEntity, 'text'>), text: written.slice(end + 1) };
  },
};
