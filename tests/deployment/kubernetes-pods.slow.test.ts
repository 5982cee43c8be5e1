import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { send } from '../support/graphql-client.js';
import { describeWithKubernetes } from '../support/kubernetes/describe-with-kubernetes.js';
import { ofKind, type Container, type Probe, type Service } from '../support/kubernetes/manifests.js';
import { openOverlay, type Overlay } from '../support/kubernetes/overlay.js';
import { createLeftovers } from '../support/leftovers.js';
import { startPlatformProcess, type PlatformProcess } from '../support/platform-process.js';
import { freePortRange } from '../support/port-range.js';
import { startPostgresServer } from '../support/postgres-server.js';
import { describeWithRedis, startRedisServer } from '../support/redis-server.js';
import { describeWithS3, startS3Server } from '../support/s3-server.js';
import { startSmtpServer } from '../support/smtp-server.js';
import { serviceNames, type ServiceName } from './service-schemas.js';

const maxStartMs = 150_000;

/** Starts what a container does, with its command and its variables, but for addresses, which are loopback's here. */
function startContainer({ command = [] }: Container, environment: Readonly<Record<string, string>>): PlatformProcess {
  const [program, first = '', ...rest] = command;
  expect(program).toBe('node');
  return startPlatformProcess(first, rest, { ...environment, HOST: '127.0.0.1' });
}

describeWithKubernetes('the pods of the overlay trial, as processes on loopback', () => {
  describeWithRedis('with Redis', () => {
    describeWithS3('and S3', () => {
      const leftovers = createLeftovers();
      const processes = new Map<ServiceName, PlatformProcess>();
      /** Port of a container -> port here. */
      const ports = new Map<string, number>();
      let overlay: Overlay;

      const urlOf = (name: ServiceName, port: string, path: string): string => {
        const found = overlay
          .container(name)
          .ports?.find((declared) => [declared.name, String(declared.containerPort)].includes(port));
        return `http://127.0.0.1:${ports.get(`${name}:${found?.containerPort}`)}${path}`;
      };

      beforeAll(async () => {
        const [postgres, redis, smtp, objects] = await Promise.all([
          startPostgresServer(),
          startRedisServer(),
          startSmtpServer(),
          startS3Server(),
        ]);
        for (const server of [postgres, redis, smtp, objects]) leftovers.defer('data store', () => server.stop());
        overlay = await openOverlay('trial', {
          passwords: { service: 'a-password-of-more-than-thirty-two-characters', admin: 'postgres' },
          credentials: { S3_ACCESS_KEY_ID: objects.accessKeyId, S3_SECRET_ACCESS_KEY: objects.secretAccessKey },
        });
        const first = await freePortRange(2 * serviceNames.length);
        for (const [index, name] of serviceNames.entries()) {
          for (const [offset, { containerPort }] of (overlay.container(name).ports ?? []).entries()) {
            ports.set(`${name}:${containerPort}`, first + 2 * index + offset);
          }
        }
        const addresses = new Map([
          ['postgres:5432', `127.0.0.1:${postgres.port}`],
          ['redis:6379', `127.0.0.1:${redis.port}`],
          ['mail:1025', new URL(smtp.url).host],
          ['objects:7070', new URL(objects.endpoint).host],
        ]);
        // What a Service leads to is where its pods listen, and nowhere else.
        for (const { metadata, spec } of ofKind<Service>(overlay.manifests, 'Service')) {
          for (const { port, targetPort } of spec.ports) {
            const target = overlay.container(metadata.name).ports?.find(({ name }) => name === targetPort);
            const here = ports.get(`${metadata.name}:${target?.containerPort}`);
            if (here !== undefined) addresses.set(`${metadata.name}:${port}`, `127.0.0.1:${here}`);
          }
        }
        const environmentOf = (name: string): Readonly<Record<string, string>> => {
          const here = Object.entries(overlay.environmentOf(name)).map(([key, value]) => {
            if (key === 'PORT' || key === 'INTERNAL_PORT') return [key, String(ports.get(`${name}:${value}`))];
            return [key, value.replaceAll(/(?<=[/@])[a-z]+:\d+/g, (server) => addresses.get(server) ?? server)];
          });
          return Object.fromEntries(here) as Readonly<Record<string, string>>;
        };

        const migration = startContainer(overlay.container('migrate'), environmentOf('migrate'));
        leftovers.defer('migration', () => migration.end('SIGKILL'));
        const { code } = await migration.ended;
        if (code !== 0) throw new Error(`Migrating failed:\n${migration.output()}`);
        for (const name of serviceNames) {
          const started = startContainer(overlay.container(name), environmentOf(name));
          processes.set(name, started);
          leftovers.defer(name, () => started.end('SIGKILL'));
        }
        await Promise.all(
          [...processes].map(([name, started]) =>
            started.written(name === 'gateway' ? 'the gateway takes requests' : 'subgraph is ready', maxStartMs),
          ),
        );
      }, 240_000);
      afterAll(() => leftovers.close());

      test.each(serviceNames)('%s answers each of its probes', async (name) => {
        const { startupProbe, readinessProbe, livenessProbe } = overlay.container(name);
        for (const probe of [startupProbe, readinessProbe, livenessProbe]) {
          const { path, port } = (probe as Required<Probe>).httpGet;
          await eventually(async () => (await fetch(urlOf(name, port, path))).status === 200);
        }
      });

      test.each(serviceNames)('%s shows its metrics where Prometheus is told to look', async (name) => {
        const { annotations = {} } = overlay.workload(name).spec.template.metadata;
        const url = urlOf(name, annotations['prometheus.io/port'] ?? '', annotations['prometheus.io/path'] ?? '');

        expect(await (await fetch(url)).text()).toContain('process_cpu_seconds_total');
      });

      test('somebody signs up, makes a tenant, enters it and is told an address to upload to', async () => {
        const origin = urlOf('gateway', 'http', '');
        const person = { email: 'ada@example.com', password: 'a-long-password', displayName: 'Ada' };
        const { data: signedUp } = await send(origin, {
          query: 'mutation ($input: SignUpInput!) { signUp(input: $input) { tokens { accessToken } } }',
          variables: { input: person },
        });
        const { data: made } = await send(origin, {
          query: 'mutation { createTenant(input: { name: "Engines", slug: "engines" }) { id } }',
          token: signedUp.signUp.tokens.accessToken,
        });
        const { data: entered } = await send(origin, {
          query: 'mutation ($id: ID!) { switchTenant(tenantId: $id) { accessToken } }',
          variables: { id: made.createTenant.id },
          token: signedUp.signUp.tokens.accessToken,
        });
        const { data, errors } = await send(origin, {
          query: `mutation { createUpload(input: { name: "a.txt", contentType: "text/plain", size: 5 }) { upload { url } } }`,
          token: entered.switchTenant.accessToken,
        });

        expect(errors).toBeUndefined();
        expect(data.createUpload.upload.url).toContain('/tessera/');
      });

      test('all end by themselves within the time that they are given', async () => {
        const ends = [...processes].map(async ([name, process]) => {
          const { terminationGracePeriodSeconds = 30 } = overlay.workload(name).spec.template.spec;
          return { name, ...(await process.end('SIGTERM', terminationGracePeriodSeconds * 1_000)) };
        });

        expect(await Promise.all(ends)).toEqual(serviceNames.map((name) => ({ name, code: 0, signal: null })));
      });
    });
  });
});
