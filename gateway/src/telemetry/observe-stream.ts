/**
 * Tells once when a stream has ended, whoever ended it.
 *
 * @param onEnd called with what failed, if it failed
 * @param onItem called with each item
 */
export function observeStream<Item>(
  stream: AsyncGenerator<Item, void, void>,
  onEnd: (failure?: { readonly error: unknown }) => void,
  onItem?: (item: Item) => void,
): AsyncGenerator<Item, void, void> {
  let ended = false;
  const end = (failure?: { readonly error: unknown }): void => {
    if (ended) return;
    ended = true;
    onEnd(failure);
  };
  const observed: AsyncGenerator<Item, void, void> = {
    async next() {
      try {
        const result = await stream.next();
        if (result.done === true) end();
        else onItem?.(result.value);
        return result;
      } catch (error) {
        end({ error });
        throw error;
      }
    },
    async return() {
      end();
      return stream.return();
    },
    async throw(error: unknown) {
      end({ error });
      return stream.throw(error);
    },
    [Symbol.asyncIterator]: () => observed,
    async [Symbol.asyncDispose]() {
      await observed.return();
    },
  };
  return observed;
}
