export interface QueryPlan {
  readonly kind: 'QueryPlan';
  readonly node?: PlanNode;
}
export type PlanNode = { readonly kind: string };
