export { withDeadline } from './with-deadline.js';
