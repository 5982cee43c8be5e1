/** How to run one of the gateways that are compared. */
export interface Contender {
  readonly name: string;
  /** The path that it answers GraphQL at. */
  readonly path: string;
  /** How it is asked. Default POST. */
  readonly method?: 'GET' | 'POST';
  /** Headers that its requests carry beside, or instead of, those of all. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body of its requests. Default: the query's text and the variables. */
  readonly bodyOf?: (query: string, variables: Readonly<Record<string, unknown>> | undefined) => string;
  /** Reads the body of an answer. Default: as JSON. */
  readonly readAnswer?: (body: string) => unknown;
  /** Arguments for Node: its options, the script, the script's own. */
  command(target: ContenderTarget): readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** What a contender is put in front of, and where it listens. */
export interface ContenderTarget {
  readonly supergraphPath: string;
  /** Where the subgraph answers that serves the case alone; undefined where none does. */
  readonly subgraphUrl: string | undefined;
  readonly port: number;
}
