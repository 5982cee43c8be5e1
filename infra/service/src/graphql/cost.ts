import { Directive } from 'type-graphql';

/** What gateways multiply by where a page's size is not asked for: the default of {@link PageArgumentsType}. */
const defaultPageSize = 20;

/** Says of a field that answers a connection that its page is as large as its argument `first` asks (`@listSize`). */
export function PagedCost(): MethodDecorator & PropertyDecorator {
  return Directive(
    `@listSize(assumedSize: ${defaultPageSize}, slicingArguments: ["first"], sizedFields: ["nodes", "edges"], requireOneSlicingArgument: false)`,
  );
}

/** Says of a list how many items it usually has (`@listSize`). */
export function ListCost(assumedSize: number): MethodDecorator & PropertyDecorator {
  return Directive(`@listSize(assumedSize: ${assumedSize})`);
}

/** Says what a field costs, where it is not what most fields of its kind do: an object 1, a leaf nothing (`@cost`). */
export function Cost(weight: number): MethodDecorator & PropertyDecorator {
  return Directive(`@cost(weight: ${weight})`);
}
