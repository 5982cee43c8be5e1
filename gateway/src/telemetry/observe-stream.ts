import { pourStream, type PourableStream, type Take } from '../transport/pour-stream.js';

/**
 * Tells once when a stream has ended, whoever ended it.
 *
 * @param onEnd called with what failed, if it failed
 * @param onItem called with each item
 */
export function observeStream<Item>(
  stream: PourableStream<Item>,
  onEnd: (failure?: { readonly error: unknown }) => void,
  onItem?: (item: Item) => void,
): PourableStream<Item> {
  let ended = false;
  const end = (failure?: { readonly error: unknown }): void => {
    if (ended) return;
    ended = true;
    onEnd(failure);
  };
  const observed: PourableStream<Item> = {
    async pour(take) {
      const observedTake: Take<Item> = (item) => {
        onItem?.(item);
        return take(item);
      };
      try {
        await pourStream(stream, onItem === undefined ? take : observedTake);
        end();
      } catch (error) {
        end({ error });
        throw error;
      }
    },
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
