import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { repositoryRoot } from '../../support/repository-root.js';
import { startRunningGateway } from '../support/running-gateway.js';
import { exposedIn, metricsIn } from './named-in-rules.js';

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly { readonly record?: string; readonly expr: string }[];
  }[];
}

interface Dashboard {
  readonly panels: readonly { readonly targets?: readonly { readonly expr: string }[] }[];
}

async function readRules() {
  const text = await readFile(join(repositoryRoot, 'infra/prometheus/gateway.rules.yml'), 'utf8');
  return (parse(text) as Rules).groups.flatMap(({ rules }) => rules);
}

async function readDashboards(): Promise<readonly string[]> {
  const folder = join(repositoryRoot, 'infra/grafana');
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const dashboards = await Promise.all(
    files.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8')) as Dashboard),
  );
  return dashboards.flatMap(({ panels }) => panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)));
}

test('metrics are found in an expression, and nothing else is', () => {
  const expression =
    'histogram_quantile(0.99, sum by (le, kind) (rate(a_bucket{kind!="b"}[5m]))) / on (kind) (c:d > 0.1) and topk(10, e)';

  expect(metricsIn(expression)).toEqual(['a_bucket', 'c:d', 'e']);
});

test('every metric that a rule or a dashboard names is exposed by a running gateway, or recorded by a rule', async () => {
  const running = await startRunningGateway({
    environment: { OPERATION_MANIFESTS_PATH: join(repositoryRoot, 'schema/operations') },
  });
  try {
    const rules = await readRules();
    const recorded = rules.flatMap(({ record }) => record ?? []);
    const known = new Set([...exposedIn(await running.metrics()), ...recorded]);
    const named = [...rules.map(({ expr }) => expr), ...(await readDashboards())].flatMap(metricsIn);

    expect(named.length).toBeGreaterThan(50);
    expect(named.filter((metric) => !known.has(metric))).toEqual([]);
  } finally {
    await running.close();
  }
});
