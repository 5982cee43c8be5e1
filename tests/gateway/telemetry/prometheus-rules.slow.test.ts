import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { describeWithProgram } from '../../support/installed.js';
import { repositoryRoot } from '../../support/repository-root.js';

const folder = join(repositoryRoot, 'infra/prometheus');

function promtool(...parameters: readonly string[]): Promise<{ readonly stdout: string }> {
  return promisify(execFile)('promtool', [...parameters], { cwd: folder, timeout: 30_000 });
}

describeWithProgram('promtool', 'rules for Prometheus', () => {
  describe.each(['gateway', 'services', 'data-stores'])('of %s', (name) => {
    test('are valid to Prometheus', async () => {
      expect((await promtool('check', 'rules', `${name}.rules.yml`)).stdout).toContain('SUCCESS');
    });

    test('raise their alerts when they should, and do not otherwise', async () => {
      expect((await promtool('test', 'rules', `${name}.rules.test.yml`)).stdout).toContain('SUCCESS');
    });
  });
});
