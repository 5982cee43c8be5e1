/** Thrown, without the cost of an error, by generated code that has met something that is not as it should be. */
export const fault: unique symbol = Symbol('fault');
