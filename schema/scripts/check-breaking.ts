import { CriticalityLevel, diff } from '@graphql-inspector/core';
import type { SchemaPair } from './usage/affected-coordinates.js';
import { judgeChange } from './usage/judge-change.js';
import type { UsageSource } from './usage/usage-source.js';

/** What became of a schema, as it is told. */
export interface SchemaChanges {
  readonly lines: readonly string[];
  /** Changes that break consumers; with usage, those that break somebody's operations. */
  readonly breaking: number;
}

/** Compares what consumers see. @param usage who uses what; without it, everything is taken to be used */
export async function checkBreaking(schemas: SchemaPair, usage: UsageSource | undefined): Promise<SchemaChanges> {
  const lines: string[] = [];
  let breaking = 0;
  for (const change of await diff(schemas.before, schemas.after)) {
    const { message, path, criticality } = change;
    lines.push(`${criticality.level.toLowerCase()}: ${message} (${path ?? 'schema'})`);
    if (criticality.level !== CriticalityLevel.Breaking) continue;
    const judgement = usage && (await judgeChange(change, schemas, usage));
    lines.push(...(judgement?.notes ?? []).map((note) => `    ${note}`));
    if (judgement?.isSafe !== true) breaking += 1;
  }
  return { lines, breaking };
}
