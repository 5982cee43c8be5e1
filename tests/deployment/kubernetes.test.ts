import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadConfig } from '@tessera/service/config';
import { describeWithKubernetes } from '../support/kubernetes/describe-with-kubernetes.js';
import {
  exampleSecrets,
  ofKind,
  renderOverlay,
  workloadsOf,
  type Labels,
  type Manifest,
  type Secrets,
  type Service,
  type Workload,
} from '../support/kubernetes/manifests.js';
import { letThrough, type Party } from '../support/kubernetes/network-policies.js';
import { podEnvironment, serversIn } from '../support/kubernetes/pod-environment.js';
import { askedPaths, askedPathsOf, processSchemas, serviceNames, subgraphNames } from './service-schemas.js';

const password = 'a-password-of-more-than-thirty-two-characters';
const processNames = Object.keys(processSchemas) as (keyof typeof processSchemas)[];

interface ScaleTarget extends Manifest {
  readonly spec: { readonly scaleTargetRef: { readonly kind: string; readonly name: string } };
}

interface Budget extends Manifest {
  readonly spec: { readonly selector: { readonly matchLabels: Labels } };
}

interface Ingress extends Manifest {
  readonly spec: {
    readonly rules: readonly {
      readonly http: {
        readonly paths: readonly {
          readonly backend: { readonly service: { readonly name: string; readonly port: { readonly name: string } } };
        }[];
      };
    }[];
  };
}

describeWithKubernetes('infra/kubernetes', (schema) => {
  describe.each(['production', 'trial'])('the overlay %s', (overlay) => {
    let manifests: readonly Manifest[];
    let secrets: Secrets;
    beforeAll(async () => {
      manifests = await renderOverlay(overlay);
      secrets = await exampleSecrets({ service: password, admin: password });
    });

    const workload = (name: string): Workload => {
      const found = workloadsOf(manifests).find(({ metadata }) => metadata.name === name);
      if (found === undefined) throw new Error(`No workload ${name}`);
      return found;
    };
    const environmentOf = (name: string): Readonly<Record<string, string>> =>
      podEnvironment(workload(name).spec.template.spec.containers[0], manifests, secrets);
    const party = (name: string): Party => ({ labels: workload(name).spec.template.metadata.labels });
    const selected = (labels: Labels): readonly string[] =>
      workloadsOf(manifests)
        .filter(({ spec }) =>
          Object.entries(labels).every(([key, value]) => spec.template.metadata.labels[key] === value),
        )
        .map(({ metadata }) => metadata.name);

    test('has nothing that the Kubernetes API does not know', () => {
      expect(manifests.flatMap((manifest) => schema.faultsOf(manifest))).toEqual([]);
    });

    test('keeps everything in one namespace, which admits only confined pods', () => {
      const namespace = manifests.find(({ kind }) => kind === 'Namespace');
      const others = manifests.filter(({ kind }) => kind !== 'Namespace').map(({ metadata }) => metadata.namespace);

      expect(namespace?.metadata).toMatchObject({
        name: 'tessera',
        labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
      });
      expect(new Set(others)).toEqual(new Set(['tessera']));
    });

    test('holds no secret', () => {
      expect(ofKind(manifests, 'Secret')).toEqual([]);
    });

    test('selects by labels the pods that are meant, and no others', () => {
      for (const { metadata, spec } of workloadsOf(manifests)) {
        if (spec.selector !== undefined) expect(selected(spec.selector.matchLabels)).toEqual([metadata.name]);
      }
      for (const { metadata, spec } of ofKind<Service>(manifests, 'Service')) {
        expect(selected(spec.selector)).toEqual([metadata.name]);
      }
      for (const { metadata, spec } of ofKind<Budget>(manifests, 'PodDisruptionBudget')) {
        expect(selected(spec.selector.matchLabels)).toEqual([metadata.name]);
      }
      for (const { metadata, spec } of ofKind<ScaleTarget>(manifests, 'HorizontalPodAutoscaler')) {
        expect(spec.scaleTargetRef).toMatchObject({ kind: 'Deployment', name: metadata.name });
      }
    });

    test.each(['Deployment', 'Service', 'PodDisruptionBudget', 'HorizontalPodAutoscaler'])(
      'has a %s of each service',
      (kind) => {
        const names = ofKind(manifests, kind).map(({ metadata }) => metadata.name);

        expect(names).toEqual(expect.arrayContaining(serviceNames));
      },
    );

    test('runs all services and the migration from one image', () => {
      const images = processNames.map((name) => workload(name).spec.template.spec.containers[0].image);

      expect(new Set(images).size).toBe(1);
      expect(images[0]).toMatch(/tessera:[\w.]+$/);
    });

    test('leads what comes from outside to a port of the gateway', () => {
      const backends = ofKind<Ingress>(manifests, 'Ingress').flatMap(({ spec }) =>
        spec.rules.flatMap(({ http }) => http.paths.map(({ backend }) => backend.service)),
      );

      expect(backends).toEqual(overlay === 'production' ? [{ name: 'gateway', port: { name: 'http' } }] : []);
    });

    test('leads ports of Services to ports of containers', () => {
      for (const { metadata, spec } of ofKind<Service>(manifests, 'Service')) {
        const ports = workload(metadata.name).spec.template.spec.containers[0].ports ?? [];
        for (const { port, targetPort } of spec.ports)
          expect(ports).toContainEqual({ name: targetPort, containerPort: port });
      }
    });

    test.each(processNames)('gives %s every setting that it requires, and none that is not valid', (name) => {
      expect(() => loadConfig(processSchemas[name], environmentOf(name))).not.toThrow();
    });

    test.each(processNames)('sets only variables that %s reads', (name) => {
      const known = Object.keys(processSchemas[name].shape);

      expect(Object.keys(environmentOf(name)).filter((key) => !known.includes(key))).toEqual([]);
    });

    test('leads the gateway to paths that subgraphs serve', () => {
      expect(askedPathsOf(environmentOf('gateway'))).toEqual(askedPaths);
    });

    test('names in the examples of Secrets only what somebody reads', () => {
      const references = JSON.stringify(workloadsOf(manifests));
      const unread = Object.keys(secrets.get('tessera') ?? {}).filter((key) => !references.includes(`"key":"${key}"`));

      expect(unread).toEqual([]);
    });

    test.each(serviceNames)('opens the ports on which %s listens', (name) => {
      const { PORT, INTERNAL_PORT } = environmentOf(name);
      const ports = workload(name).spec.template.spec.containers[0].ports ?? [];

      expect(ports).toHaveLength(2);
      expect(ports).toContainEqual({ name: 'http', containerPort: Number(PORT) });
      expect(ports).toContainEqual({ name: 'internal', containerPort: Number(INTERNAL_PORT) });
    });

    test.each(serviceNames)('waits for the end of %s for longer than its graceful stop may take', (name) => {
      const { terminationGracePeriodSeconds = 30 } = workload(name).spec.template.spec;
      const { DRAIN_DELAY_MS, SHUTDOWN_TIMEOUT_MS } = environmentOf(name);

      expect(terminationGracePeriodSeconds * 1_000).toBeGreaterThanOrEqual(
        Number(DRAIN_DELAY_MS) + Number(SHUTDOWN_TIMEOUT_MS) + 5_000,
      );
    });

    // In production they are elsewhere, whatever the examples call them.
    const dataStores = ['postgres', 'redis', 'objects', 'mail'];
    const isInside = (host: string): boolean =>
      !host.includes('.') && host !== 'localhost' && (overlay === 'trial' || !dataStores.includes(host));

    test.each(processNames)('lets %s reach all that its settings name, which is there', (name) => {
      const named = [...serversIn(environmentOf(name))].filter((server) => isInside(server.replace(/:.*/, '')));
      const served = ofKind<Service>(manifests, 'Service').flatMap(({ metadata, spec }) =>
        spec.ports.map(({ port }) => `${metadata.name}:${port}`),
      );
      const shut = named.filter((server) => {
        const [host = '', port] = server.split(':');
        return served.includes(server) && !letThrough(manifests, party(name), party(host), Number(port));
      });

      expect(served).toEqual(expect.arrayContaining(named));
      expect(shut).toEqual([]);
    });

    test('lets strangers of the cluster reach the gateway alone, and only from the Ingress controller', () => {
      const reached = (namespace: string): readonly string[] =>
        workloadsOf(manifests).flatMap(({ metadata, spec }) => {
          const ports = spec.template.spec.containers[0].ports ?? [];
          const open = ports.filter((port) =>
            letThrough(manifests, { labels: {}, namespace }, party(metadata.name), port.containerPort),
          );
          return open.map((port) => `${metadata.name}:${port.name}`);
        });

      expect(reached('ingress-nginx')).toEqual(['gateway:http']);
      expect(reached('default')).toEqual([]);
      expect([...reached('monitoring')].sort()).toEqual(serviceNames.map((name) => `${name}:internal`).sort());
    });

    test('lets the gateway reach no database, and subgraphs reach each other only where one asks another', () => {
      const port = (name: string): number => Number(environmentOf(name)['PORT']);
      const pairs = subgraphNames.flatMap((from) =>
        subgraphNames
          .filter((to) => to !== from && letThrough(manifests, party(from), party(to), port(to)))
          .map((to) => `${from} -> ${to}`),
      );

      expect(letThrough(manifests, party('gateway'), { labels: {}, namespace: 'elsewhere' }, 5_432)).toBe(false);
      expect(pairs.sort()).toEqual([
        'auth -> tenant',
        'storage -> analytics',
        'storage -> auth',
        'storage -> tenant',
        'storage -> user',
        'tenant -> auth',
      ]);
    });
  });

  test('production runs the services and the migration, and no data store', async () => {
    const names = workloadsOf(await renderOverlay('production')).map(({ metadata }) => metadata.name);

    expect([...names].sort()).toEqual([...processNames].sort());
  });
});
