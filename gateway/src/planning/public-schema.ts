import { StartError } from '@tessera/service/errors';
import { Kind, type DefinitionNode, type DocumentNode, type GraphQLSchema } from 'graphql';
import { buildSchemaPieces } from './build-schema.js';
import { deferDefinition, deferName } from './defer/defer-directive.js';
import { atOnce, type Pieces } from './pieces.js';
import { readFeatureNames, type FeatureNames } from './feature-names.js';
import { schemaFaultPieces } from './validate-schema.js';
import { isHidden, visibleDefinition } from './visible-definition.js';

/**
 * Builds what consumers see of a supergraph: without the machinery of composition and without what is `@inaccessible`.
 *
 * @throws Error listing the reasons where nothing valid is left
 */
export function buildPublicSchema(document: DocumentNode): GraphQLSchema {
  return atOnce(publicSchemaPieces(document));
}

/** As {@link buildPublicSchema}, a definition at a time; graphql-js puts together the whole. */
export function* publicSchemaPieces(document: DocumentNode): Pieces<GraphQLSchema> {
  const features = readFeatureNames(document);
  const definitions = document.definitions.filter((definition) => !belongsToMachinery(definition, features));
  const hiddenTypes = new Set(
    definitions.flatMap((definition) =>
      'name' in definition && isHidden(definition, features) ? [definition.name?.value] : [],
    ),
  );
  const visible: DefinitionNode[] = [];
  for (const definition of definitions) {
    if (!isHidden(definition, features)) visible.push(visibleDefinition(definition, features, hiddenTypes));
    yield;
  }
  const schema = yield* build({ kind: Kind.DOCUMENT, definitions: visible });
  yield;
  const faults = yield* schemaFaultPieces(schema);
  if (faults.size > 0) throw new StartError(`Supergraph does not load: ${[...faults].join('; ')}`);
  return schema;
}

function* build(document: DocumentNode): Pieces<GraphQLSchema> {
  try {
    return yield* buildSchemaPieces(withDefer(document));
  } catch (error) {
    throw new StartError(`Supergraph does not load: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** A supergraph may have a directive of its own of that name. */
function withDefer(document: DocumentNode): DocumentNode {
  const isDefined = document.definitions.some(
    (definition) => definition.kind === Kind.DIRECTIVE_DEFINITION && definition.name.value === deferName,
  );
  return isDefined ? document : { ...document, definitions: [...document.definitions, deferDefinition] };
}

function belongsToMachinery(definition: DefinitionNode, features: FeatureNames): boolean {
  if (!('name' in definition) || definition.name === undefined) return false;
  const name = definition.name.value;
  return features.isMachinery(definition.kind === Kind.DIRECTIVE_DEFINITION ? `@${name}` : name);
}
