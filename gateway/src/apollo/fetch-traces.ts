import type { SubgraphAnswer, SubgraphClient } from '../execution/subgraph-client.js';
import { isApolloContext } from './apollo-context.js';
import { traceFormat, type FetchRecord } from './fetch-record.js';

const nanosecondsPerSecond = 1e9;

/** Lets a client note what Apollo's usage reporting wants to know: traces, and errors that no trace tells of. */
export function noteTraces(client: SubgraphClient): SubgraphClient {
  return {
    async send(request, context) {
      if (!isApolloContext(context)) return client.send(request, context);
      const { fetches, apollo } = context;
      const { operation } = request;
      const record: FetchRecord | undefined = fetches && {
        operation,
        sentAt: new Date(),
        sentTimeOffset: sinceNs(apollo.metrics.startHrTime),
      };
      if (record !== undefined) fetches?.push(record);
      const answer = await client.send(request, context);
      const ftv1 = ftv1Of(answer);
      if (record !== undefined) Object.assign(record, { receivedAt: new Date(), ...(ftv1 !== undefined && { ftv1 }) });
      if (ftv1 === undefined && answer.errors.length > 0) {
        const untold = answer.errors.map(({ path }) => ({ subgraph: operation.subgraph, path }));
        (apollo.metrics.nonFtv1ErrorPaths ??= []).push(...untold);
      }
      return answer;
    },
    close: () => client.close(),
  };
}

function ftv1Of({ extensions }: SubgraphAnswer): string | undefined {
  const ftv1 = extensions?.[traceFormat];
  return typeof ftv1 === 'string' ? ftv1 : undefined;
}

function sinceNs(startHrTime: [number, number] | undefined): number {
  if (startHrTime === undefined) return 0;
  const [seconds, nanoseconds] = process.hrtime(startHrTime);
  return seconds * nanosecondsPerSecond + nanoseconds;
}
