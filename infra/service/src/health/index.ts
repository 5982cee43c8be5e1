export { Health, type HealthCheck, type Readiness } from './health.js';
