import type { OpenHost } from './hosts/host-link.js';
import { openProcessHost } from './hosts/process-host.js';
import { createSharedHosts } from './hosts/shared-hosts.js';

/** Compiled, from wherever this module runs: a process cannot start from sources. */
const entry = new URL('../../dist/planning/hosts/native-host.js', import.meta.url);

/** Processes of the native planner, which outlive the supergraph that they were started for. */
export interface NativeHosts {
  /** A way for one planner to open them. @param niceness by how much they are weaker than the gateway; see nice(2) */
  opener(niceness: number): OpenHost;
}

/** Creates none yet: they start when they are needed, and end with the last planner that does. */
export function createNativeHosts(): NativeHosts {
  const byNiceness = new Map<number, () => OpenHost>();
  return {
    opener(niceness) {
      const share =
        byNiceness.get(niceness) ?? createSharedHosts((listener) => openProcessHost(entry, listener, niceness));
      byNiceness.set(niceness, share);
      return share();
    },
  };
}
