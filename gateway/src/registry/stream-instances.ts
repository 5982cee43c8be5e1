import type { SubgraphUrls } from '../config.js';
import { toAddress } from './called-subgraphs.js';
import { InstanceSet, type Instance } from './instance-set.js';

/** One attempt to hold a stream open at an instance. Each of its ends is told once; what comes later is ignored. */
export interface StreamSeat {
  /** `http:` or `https:`, whatever the stream is carried by. */
  readonly url: string;
  /** The instance has taken the stream. */
  accepted(): void;
  /** The stream is over as it should be, or by our own doing. */
  left(): void;
  /** The stream could not be opened, or broke. */
  lost(): void;
}

/** Chooses where streams are opened. */
export interface StreamInstances {
  /** @param tried what was tried for this stream since it was last accepted; it is asked again only where there is no other */
  take(subgraph: string, tried: Set<Instance>): StreamSeat;
}

/**
 * Spreads streams over the instances of each subgraph: of two taken at random the one that holds fewer. One that streams are
 * lost at again and again is put out for a while. Apart from requests: many streams do not make an instance slow.
 */
export function createStreamInstances(urls: SubgraphUrls, random: () => number = Math.random): StreamInstances {
  const sets = new Map<string, InstanceSet>();
  for (const [name, instances] of urls) {
    const [first, ...others] = instances.map((url) => toAddress(name, url)).filter((address) => address !== undefined);
    if (first !== undefined) {
      sets.set(name, new InstanceSet({ addresses: [first, ...others], onChange: () => undefined, random }));
    }
  }
  return {
    take(subgraph, tried) {
      const set = sets.get(subgraph);
      if (set === undefined) throw new TypeError(`There is no subgraph ${subgraph}`);
      const instance = set.choose([...tried], true, performance.now());
      return sit(set, instance, tried);
    },
  };
}

function sit(set: InstanceSet, instance: Instance, tried: Set<Instance>): StreamSeat {
  const { origin, target } = instance.address;
  let isOpen = true;
  instance.pending += 1;
  const end = (verdict: 'bad' | 'unknown'): void => {
    if (!isOpen) return;
    isOpen = false;
    instance.pending -= 1;
    set.report(instance, verdict, false, performance.now());
  };
  return {
    url: `${origin}${target}`,
    accepted() {
      if (!isOpen) return;
      tried.clear();
      set.report(instance, 'good', false, performance.now());
    },
    left: () => end('unknown'),
    lost() {
      tried.add(instance);
      end('bad');
    },
  };
}
