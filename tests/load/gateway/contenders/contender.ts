/** How to run one of the gateways that are compared. */
export interface Contender {
  readonly name: string;
  /** The path that it answers GraphQL at. */
  readonly path: string;
  /** How it is asked. Default POST. */
  readonly method?: 'GET' | 'POST';
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
