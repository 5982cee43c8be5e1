import 'reflect-metadata';
import { Directive, Field, Int, ObjectType, type ClassType } from 'type-graphql';
import type { Page } from '../database/index.js';
import { Cost } from './cost.js';

@Directive('@shareable')
@ObjectType({ description: 'Where a page of a connection lies.' })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether more follows after `endCursor`.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'Whether something lies before this page.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first node of this page.' })
  startCursor!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Cursor of the last node: pass it as `after` for the next page.',
  })
  endCursor!: string | null;
}

export interface Edge<Node> {
  readonly cursor: string;
  readonly node: Node;
}

/** A page as GraphQL clients see it. The total is counted only when asked for. */
export interface Connection<Node> {
  readonly nodes: readonly Node[];
  readonly edges: readonly Edge<Node>[];
  readonly pageInfo: PageInfo;
  readonly totalCount: Promise<number>;
}

/** Presents a page as a Relay connection (GraphQL Cursor Connections Specification). */
export function toConnection<Entity, Node = Entity>(
  page: Page<Entity>,
  toNode: (entity: Entity) => Node,
): Connection<Node> {
  const edges = page.rows.map((row) => ({ cursor: page.cursorOf(row), node: toNode(row) }));
  return {
    nodes: edges.map(({ node }) => node),
    edges,
    pageInfo: {
      hasNextPage: page.hasNextPage,
      hasPreviousPage: page.hasPreviousPage,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    get totalCount() {
      return page.count();
    },
  };
}

/** Makes the GraphQL types `<Name>Connection` and `<Name>Edge` of a node type. Call it once a type, at module level. */
export function connectionType<Node extends object>(
  name: string,
  nodeClass: ClassType<Node>,
): ClassType<Connection<Node>> {
  @ObjectType(`${name}Edge`, { description: `One ${name} of a page.` })
  class NodeEdge implements Edge<Node> {
    @Field(() => String, { description: 'Position of this node, for `after`.' })
    cursor!: string;

    @Field(() => nodeClass, { description: `The ${name}.` })
    node!: Node;
  }

  @ObjectType(`${name}Connection`, { description: `A page of ${name} nodes.` })
  class NodeConnection implements Connection<Node> {
    @Field(() => [nodeClass], { description: 'The nodes, without their edges.' })
    nodes!: readonly Node[];

    @Field(() => [NodeEdge], { description: 'The nodes, each with its cursor.' })
    edges!: readonly Edge<Node>[];

    @Field(() => PageInfo, { description: 'Where this page lies.' })
    pageInfo!: PageInfo;

    @Cost(5)
    @Field(() => Int, { description: 'How many there are on all pages; costs a query of its own.' })
    totalCount!: Promise<number>;
  }
  return NodeConnection;
}
