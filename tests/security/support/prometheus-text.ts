/** Labels of ours, and those of Node's own metrics: each is of a closed set, or of names that clients have. */
export const closedLabels: ReadonlySet<string> = new Set([
  ...['cache', 'client', 'code', 'field', 'kind', 'le', 'method', 'operation', 'outcome', 'queue', 'reason', 'rule'],
  ...['service', 'state', 'status', 'subgraph', 'major', 'minor', 'patch', 'space', 'type', 'version'],
]);

/** The lines of a scrape that are no comments. */
export const samplesOf = (text: string): readonly string[] =>
  text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

/** A line as Prometheus reads it: its text format 0.0.4. */
export const isSample = (line: string): boolean =>
  /^[a-zA-Z_:][\w:]*(?:\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*\})? \S+$/.test(line);

export const familiesOf = (text: string): ReadonlySet<string> =>
  new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name));

/** Of which metric a sample is. */
export const familyOf = (line: string): string => (/^\w+/.exec(line)?.[0] ?? '').replace(/_(?:bucket|sum|count)$/, '');

export const labelsOf = (lines: readonly string[]): ReadonlySet<string> =>
  new Set(lines.flatMap((line) => [...line.matchAll(/[{,]([a-zA-Z_]\w*)="/g)].map(([, name = '']) => name)));
