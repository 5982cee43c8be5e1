export type { JobSettings } from './boss.js';
export { createJobs, type CreateJobsOptions } from './create-jobs.js';
export type { Job, JobHandler, JobObserver, Jobs, SendJobOptions, WorkOptions } from './jobs.js';
export { observeQueues } from './observe-queues.js';
export { defaultJobsSchema, jobsGrantsSql, migrateJobs } from './migrate-jobs.js';
