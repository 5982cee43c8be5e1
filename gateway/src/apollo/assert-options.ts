import type { TesseraGatewayOptions } from './gateway-options.js';

const planners: ReadonlySet<unknown> = new Set([undefined, 'auto', 'native', 'tessera', 'apollo']);

/** Whoever writes JavaScript has nobody else to tell. @throws Error that names every option which is not what it should be */
export function assertOptions(options: unknown): asserts options is TesseraGatewayOptions {
  if (typeof options !== 'object' || options === null) throw new Error('TesseraGateway takes an object of options');
  const { supergraphSdl, buildService, planner } = options as Readonly<Record<string, unknown>>;
  const faults: string[] = [];
  if (!isOrigin(supergraphSdl)) faults.push('supergraphSdl is a text, a function, or has a method initialize');
  if (buildService !== undefined && typeof buildService !== 'function') faults.push('buildService is a function');
  if (!planners.has(planner)) faults.push('planner is auto, native, tessera or apollo');
  if (faults.length > 0) throw new Error(`Options of TesseraGateway: ${faults.join('; ')}`);
}

function isOrigin(value: unknown): boolean {
  if (value === undefined || typeof value === 'string' || typeof value === 'function') return true;
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'initialize') === 'function';
}

/** @throws Error where what brings supergraphs has brought none */
export function assertBrought(brought: unknown): void {
  const isOne =
    typeof brought === 'object' && brought !== null && typeof Reflect.get(brought, 'supergraphSdl') === 'string';
  if (!isOne) throw new Error('supergraphSdl, where it is no text, promises an object { supergraphSdl, cleanup? }');
}
