import { AppError } from '@tessera/service/errors';
import { visit, type DocumentNode, type FloatValueNode, type IntValueNode } from 'graphql';

/**
 * Refuses numbers that no double can hold, such as `1e400`. graphql-js lets them pass as infinity, and a planner writes that
 * into the text for the subgraph, where it is no number any more.
 *
 * @throws AppError `BAD_USER_INPUT`
 */
export function assertFiniteNumbers(document: DocumentNode): void {
  const check = ({ value }: FloatValueNode | IntValueNode): void => {
    if (!Number.isFinite(Number(value)))
      throw new AppError('BAD_USER_INPUT', 'Document has a number that is too large');
  };
  visit(document, { FloatValue: check, IntValue: check });
}
