import { describe, test } from '@jest/globals';
import { goSearchPath } from '../go-programs.js';
import { describeWithProgram } from '../installed.js';
import { apiSchemaFolder, ApiSchema } from './api-schema.js';

/** Declares a suite that needs Kustomize and the description of the Kubernetes API; both by `go`, see `.ci/run`. */
export function describeWithKubernetes(name: string, suite: (schema: ApiSchema) => void): void {
  process.env['PATH'] = goSearchPath();
  const folder = apiSchemaFolder();
  if (folder !== undefined) {
    describeWithProgram('kustomize', name, () => suite(new ApiSchema(folder)));
  } else if (process.env['CI'] === 'true') {
    describe(name, () => {
      test('finds the module k8s.io/kubernetes', () => {
        throw new Error('k8s.io/kubernetes is not downloaded; .ci/run does it');
      });
    });
  } else {
    describe.skip(`${name} (needs the Go module k8s.io/kubernetes, which is not downloaded)`, () =>
      suite(new ApiSchema('')));
  }
}
