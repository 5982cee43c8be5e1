import { createRequire } from 'node:module';

/** As CommonJS: its ES modules import `node:http`, for which Node loads undici (see `http/node-http.ts`) into a process that only sends mail. */
export const { createTransport } = createRequire(import.meta.url)('nodemailer') as typeof import('nodemailer');
