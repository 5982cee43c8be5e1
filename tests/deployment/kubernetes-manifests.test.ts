import { beforeAll, describe, expect, test } from '@jest/globals';
import { describeWithKubernetes } from '../support/kubernetes/describe-with-kubernetes.js';
import { ofKind, type Labels, type Manifest, type Service } from '../support/kubernetes/manifests.js';
import { openOverlay, type Overlay } from '../support/kubernetes/overlay.js';
import { processNames, serviceNames } from './service-schemas.js';

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
  describe.each(['production', 'trial'])('in the overlay %s', (overlayName) => {
    let overlay: Overlay;
    beforeAll(async () => {
      overlay = await openOverlay(overlayName);
    });

    test('has nothing that the Kubernetes API does not know', () => {
      expect(overlay.manifests.flatMap((manifest) => schema.faultsOf(manifest))).toEqual([]);
    });

    test('keeps everything in one namespace, which admits only confined pods', () => {
      const namespace = overlay.manifests.find(({ kind }) => kind === 'Namespace');
      const others = overlay.manifests
        .filter(({ kind }) => kind !== 'Namespace')
        .map(({ metadata }) => metadata.namespace);

      expect(namespace?.metadata).toMatchObject({
        name: 'tessera',
        labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
      });
      expect(new Set(others)).toEqual(new Set(['tessera']));
    });

    test('holds no secret', () => {
      expect(ofKind(overlay.manifests, 'Secret')).toEqual([]);
    });

    test('selects by labels the pods that are meant, and no others', () => {
      for (const { metadata, spec } of overlay.workloads) {
        if (spec.selector !== undefined) expect(overlay.selectedBy(spec.selector.matchLabels)).toEqual([metadata.name]);
      }
      for (const { metadata, spec } of ofKind<Service>(overlay.manifests, 'Service')) {
        expect(overlay.selectedBy(spec.selector)).toEqual([metadata.name]);
      }
      for (const { metadata, spec } of ofKind<Budget>(overlay.manifests, 'PodDisruptionBudget')) {
        expect(overlay.selectedBy(spec.selector.matchLabels)).toEqual([metadata.name]);
      }
      for (const { metadata, spec } of ofKind<ScaleTarget>(overlay.manifests, 'HorizontalPodAutoscaler')) {
        expect(spec.scaleTargetRef).toMatchObject({ kind: 'Deployment', name: metadata.name });
      }
    });

    test.each(['Deployment', 'Service', 'PodDisruptionBudget', 'HorizontalPodAutoscaler'])(
      'has a %s of each service',
      (kind) => {
        const names = ofKind(overlay.manifests, kind).map(({ metadata }) => metadata.name);

        expect(names).toEqual(expect.arrayContaining(serviceNames));
      },
    );

    test('runs all services and the migration from one image', () => {
      const images = processNames.map((name) => overlay.container(name).image);

      expect(new Set(images).size).toBe(1);
      expect(images[0]).toMatch(/tessera:[\w.]+$/);
    });

    test('leads what comes from outside to a port of the gateway', () => {
      const backends = ofKind<Ingress>(overlay.manifests, 'Ingress').flatMap(({ spec }) =>
        spec.rules.flatMap(({ http }) => http.paths.map(({ backend }) => backend.service)),
      );

      expect(backends).toEqual(overlayName === 'production' ? [{ name: 'gateway', port: { name: 'http' } }] : []);
    });

    test('leads ports of Services to ports of containers', () => {
      for (const { metadata, spec } of ofKind<Service>(overlay.manifests, 'Service')) {
        const ports = overlay.container(metadata.name).ports ?? [];
        for (const { port, targetPort } of spec.ports)
          expect(ports).toContainEqual({ name: targetPort, containerPort: port });
      }
    });

    test('asks for no more than the confined may have, in any pod', () => {
      for (const { spec } of overlay.workloads) {
        const pod = spec.template.spec;
        expect(pod).toMatchObject({
          automountServiceAccountToken: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: expect.any(Number),
            seccompProfile: { type: 'RuntimeDefault' },
          },
        });
        for (const container of pod.containers) {
          expect(container).toMatchObject({
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ['ALL'] },
            },
            resources: { requests: { memory: expect.any(String) }, limits: { memory: expect.any(String) } },
          });
        }
      }
    });
  });

  test('production runs the services and the migration, and no data store', async () => {
    const names = (await openOverlay('production')).workloads.map(({ metadata }) => metadata.name);

    expect([...names].sort()).toEqual([...processNames].sort());
  });
});
