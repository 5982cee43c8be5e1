import { ofKind, type ConfigMap, type Container, type Manifest, type Secrets } from './manifests.js';

/**
 * The variables that a container is started with, as the kubelet puts them together.
 *
 * @throws Error for a ConfigMap, a Secret or a key that is not there: such a pod does not start
 */
export function podEnvironment(
  container: Container,
  manifests: readonly Manifest[],
  secrets: Secrets,
): Readonly<Record<string, string>> {
  const configMaps = new Map(
    ofKind<ConfigMap>(manifests, 'ConfigMap').map(({ metadata, data }) => [metadata.name, data]),
  );
  const environment: Record<string, string> = {};
  for (const { configMapRef, secretRef } of container.envFrom ?? []) {
    if (configMapRef !== undefined) Object.assign(environment, named(configMaps, 'ConfigMap', configMapRef.name));
    if (secretRef !== undefined) Object.assign(environment, named(secrets, 'Secret', secretRef.name));
  }
  for (const { name, valueFrom } of container.env ?? []) {
    const { name: secretName, key, optional = false } = valueFrom.secretKeyRef;
    const value = named(secrets, 'Secret', secretName)[key];
    if (value === undefined && !optional) throw new Error(`Secret ${secretName} has no key ${key}`);
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}

function named<T>(things: ReadonlyMap<string, T>, kind: string, name: string): T {
  const thing = things.get(name);
  if (thing === undefined) throw new Error(`There is no ${kind} ${name}`);
  return thing;
}

/** The servers that settings name by a URL or an address within one: `auth:4001`. */
export function serversIn(environment: Readonly<Record<string, string>>): ReadonlySet<string> {
  const servers = Object.values(environment).flatMap((value) =>
    [...value.matchAll(/:\/\/(?:[^@/\s]*@)?([a-z0-9.-]+:\d+)/g)].map(([, server = '']) => server),
  );
  return new Set(servers);
}
