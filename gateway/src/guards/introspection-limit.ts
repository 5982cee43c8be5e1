import { AppError } from '@tessera/service/errors';
import { visit, type DocumentNode } from 'graphql';

/**
 * Makes the check that keeps a document from asking for the schema again and again: each time costs as much as the schema
 * is large, whatever it is called in the answer. Tools ask for it once, and for a type or two.
 *
 * @returns a check that throws AppError `OPERATION_TOO_COMPLEX`
 */
export function createIntrospectionLimit(maxFields: number): (document: DocumentNode) => void {
  return (document) => {
    let fields = 0;
    visit(document, {
      Field({ name: { value } }) {
        if (value === '__schema' || value === '__type') fields += 1;
      },
    });
    if (fields <= maxFields) return;
    throw new AppError('OPERATION_TOO_COMPLEX', `Document asks for the schema more than ${maxFields} times`, {
      details: { limit: maxFields },
    });
  };
}
