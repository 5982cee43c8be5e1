import { beforeAll, describe, expect, test } from '@jest/globals';
import { describeWithKubernetes } from '../support/kubernetes/describe-with-kubernetes.js';
import { ofKind, type Service } from '../support/kubernetes/manifests.js';
import { letThrough } from '../support/kubernetes/network-policies.js';
import { openOverlay, type Overlay } from '../support/kubernetes/overlay.js';
import { serversIn } from '../support/kubernetes/pod-environment.js';
import { processNames, serviceNames, subgraphNames } from './service-schemas.js';

describeWithKubernetes('network policies of infra/kubernetes', () => {
  describe.each(['production', 'trial'])('in the overlay %s', (overlayName) => {
    let overlay: Overlay;
    beforeAll(async () => {
      overlay = await openOverlay(overlayName);
    });

    // In production they are elsewhere, whatever the examples call them.
    const dataStores = ['postgres', 'redis', 'objects', 'mail'];
    const isInside = (host: string): boolean =>
      !host.includes('.') && host !== 'localhost' && (overlayName === 'trial' || !dataStores.includes(host));

    test.each(processNames)('lets %s reach all that its settings name, which is there', (name) => {
      const named = [...serversIn(overlay.environmentOf(name))].filter((server) => isInside(server.replace(/:.*/, '')));
      const served = ofKind<Service>(overlay.manifests, 'Service').flatMap(({ metadata, spec }) =>
        spec.ports.map(({ port }) => `${metadata.name}:${port}`),
      );
      const shut = named.filter((server) => {
        const [host = '', port] = server.split(':');
        return (
          served.includes(server) &&
          !letThrough(overlay.manifests, overlay.party(name), overlay.party(host), Number(port))
        );
      });

      expect(served).toEqual(expect.arrayContaining(named));
      expect(shut).toEqual([]);
    });

    test('lets strangers of the cluster reach the gateway alone, and only from the Ingress controller', () => {
      const reached = (namespace: string): readonly string[] =>
        overlay.workloads.flatMap(({ metadata, spec }) => {
          const ports = spec.template.spec.containers[0].ports ?? [];
          const open = ports.filter((port) =>
            letThrough(overlay.manifests, { labels: {}, namespace }, overlay.party(metadata.name), port.containerPort),
          );
          return open.map((port) => `${metadata.name}:${port.name}`);
        });

      expect(reached('ingress-nginx')).toEqual(['gateway:http']);
      expect(reached('default')).toEqual([]);
      expect([...reached('monitoring')].sort()).toEqual(serviceNames.map((name) => `${name}:internal`).sort());
    });

    test('lets the gateway reach no database, and subgraphs reach each other only where one asks another', () => {
      const port = (name: string): number => Number(overlay.environmentOf(name)['PORT']);
      const pairs = subgraphNames.flatMap((from) =>
        subgraphNames
          .filter(
            (to) => to !== from && letThrough(overlay.manifests, overlay.party(from), overlay.party(to), port(to)),
          )
          .map((to) => `${from} -> ${to}`),
      );

      expect(
        letThrough(overlay.manifests, overlay.party('gateway'), { labels: {}, namespace: 'elsewhere' }, 5_432),
      ).toBe(false);
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
});
