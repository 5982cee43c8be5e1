import { StartError } from '@tessera/service/errors';
import type { LiveSource } from '@tessera/service/live-events';
import { getNamedType, Kind, type ConstDirectiveNode, type GraphQLField } from 'graphql';
import type { Supergraph } from '../../planning/supergraph.js';
import { parseChannelTemplate, type ChannelTemplate } from './channel-template.js';

/** Where the events of a subscription field come from, other than from its subgraph. */
export interface EventBinding {
  readonly kind: LiveSource['kind'];
  readonly template: ChannelTemplate;
  /** `value`: an event is the field's whole value; `entity`: it says which, and the subgraph is asked for what it is. */
  readonly payload: 'value' | 'entity';
  /** What the field is of, lists aside. */
  readonly typeName: string;
}

/** Field -> what it is bound to. */
export type EventBindings = ReadonlyMap<string, EventBinding>;

const feature = 'events';

/**
 * Reads `@events` of a supergraph's subscription fields.
 *
 * @throws StartError that names each field whose directive cannot be followed
 */
export function readEventBindings(supergraph: Supergraph): EventBindings {
  const directive = supergraph.features.directiveOf(feature);
  const fields = supergraph.publicSchema.getSubscriptionType()?.getFields() ?? {};
  const bindings = new Map<string, EventBinding>();
  const faults: string[] = [];
  for (const field of Object.values(fields)) {
    const said = field.astNode?.directives?.find((node) => node.name.value === directive);
    if (said === undefined) continue;
    try {
      bindings.set(field.name, readBinding(said, field));
    } catch (error) {
      faults.push(`@events of Subscription.${field.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (faults.length > 0) throw new StartError(`Supergraph does not load: ${faults.join('; ')}`);
  return bindings;
}

function readBinding({ arguments: given }: ConstDirectiveNode, field: GraphQLField<unknown, unknown>): EventBinding {
  const texts = new Map(
    given?.flatMap(({ name, value }) => (value.kind === Kind.STRING ? [[name.value, value.value] as const] : [])),
  );
  const [channel, stream] = [texts.get('channel'), texts.get('stream')];
  const text = channel ?? stream;
  if (text === undefined || (channel !== undefined && stream !== undefined)) {
    throw new Error('it needs a channel or a stream');
  }
  const payload = texts.get('payload') ?? 'value';
  if (payload !== 'value' && payload !== 'entity') throw new Error(`payload is "value" or "entity", not "${payload}"`);
  return {
    kind: channel === undefined ? 'stream' : 'channel',
    template: parseChannelTemplate(text, new Set(field.args.map(({ name }) => name))),
    payload,
    typeName: getNamedType(field.type).name,
  };
}
