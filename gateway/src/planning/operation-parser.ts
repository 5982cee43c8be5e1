import { parse, type DocumentNode } from 'graphql';

/** Parses the text of an operation, whoever of the planners' chain needs it. */
export type ParseOperation = (operation: string) => DocumentNode;

/** Creates a parser that remembers its last text: those who look at an operation one after the other share the work. */
export function createOperationParser(): ParseOperation {
  let text: string | undefined;
  let document: DocumentNode | undefined;
  return (operation) => {
    if (document === undefined || operation !== text) {
      document = parse(operation, { noLocation: true });
      text = operation;
    }
    return document;
  };
}
