import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadConfig } from '@tessera/service/config';
import { describeWithKubernetes } from '../support/kubernetes/describe-with-kubernetes.js';
import { openOverlay, type Overlay } from '../support/kubernetes/overlay.js';
import { askedPaths, askedPathsOf, processNames, processSchemas, serviceNames } from './service-schemas.js';

describeWithKubernetes('settings of infra/kubernetes', () => {
  describe.each(['production', 'trial'])('in the overlay %s', (overlayName) => {
    let overlay: Overlay;
    beforeAll(async () => {
      overlay = await openOverlay(overlayName);
    });

    test.each(processNames)('gives %s every setting that it requires, and none that is not valid', (name) => {
      expect(() => loadConfig(processSchemas[name], overlay.environmentOf(name))).not.toThrow();
    });

    test.each(processNames)('sets only variables that %s reads', (name) => {
      const known = Object.keys(processSchemas[name].shape);

      expect(Object.keys(overlay.environmentOf(name)).filter((key) => !known.includes(key))).toEqual([]);
    });

    test('starts everything from ConfigMaps and Secrets that are there', () => {
      for (const { metadata } of overlay.workloads) expect(() => overlay.environmentOf(metadata.name)).not.toThrow();
    });

    test('leads the gateway to paths that subgraphs serve', () => {
      expect(askedPathsOf(overlay.environmentOf('gateway'))).toEqual(askedPaths);
    });

    test('names in the examples of Secrets only what somebody reads', () => {
      const references = JSON.stringify(overlay.workloads);
      const unread = Object.keys(overlay.secrets.get('tessera') ?? {}).filter(
        (key) => !references.includes(`"key":"${key}"`),
      );

      expect(unread).toEqual([]);
    });

    test.each(serviceNames)('opens the ports on which %s listens', (name) => {
      const { PORT, INTERNAL_PORT } = overlay.environmentOf(name);
      const ports = overlay.container(name).ports ?? [];

      expect(ports).toHaveLength(2);
      expect(ports).toContainEqual({ name: 'http', containerPort: Number(PORT) });
      expect(ports).toContainEqual({ name: 'internal', containerPort: Number(INTERNAL_PORT) });
    });

    test.each(serviceNames)('waits for the end of %s for longer than its graceful stop may take', (name) => {
      const { terminationGracePeriodSeconds = 30 } = overlay.workload(name).spec.template.spec;
      const { DRAIN_DELAY_MS, SHUTDOWN_TIMEOUT_MS } = overlay.environmentOf(name);

      expect(terminationGracePeriodSeconds * 1_000).toBeGreaterThanOrEqual(
        Number(DRAIN_DELAY_MS) + Number(SHUTDOWN_TIMEOUT_MS) + 5_000,
      );
    });
  });
});
