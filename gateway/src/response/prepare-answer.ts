import type { PrepareAnswer } from '../execution/answer.js';

/** Makes the writer of one operation's answers; handed to the engine. */
export declare const prepareAnswer: PrepareAnswer;
