import { GraphQLError, type OperationDefinitionNode } from 'graphql';
import { OperationRefusal } from '../../transport/operation-refusal.js';
import type { Withheld } from './withheld.js';

const maxErrors = 50;

/** Refuses a whole operation for what is withheld of it. */
export function refusal({ reasons }: Withheld): OperationRefusal {
  const errors = [...reasons].slice(0, maxErrors).map(([nodes, { message, extensions }]) => {
    const { locations } = new GraphQLError(message, { nodes }).toJSON();
    return { message, ...(locations === undefined ? {} : { locations }), extensions };
  });
  return new OperationRefusal(errors);
}

/** @throws OperationRefusal where nothing of a subscription would be left */
export function assertStream({ operation }: OperationDefinitionNode, withheld: Withheld): void {
  if (operation !== 'subscription') return;
  if ([...withheld.rootFields].some((field) => withheld.reasons.has(field))) throw refusal(withheld);
}
