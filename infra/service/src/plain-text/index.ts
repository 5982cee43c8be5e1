export { plainTextSchema } from './plain-text.js';
