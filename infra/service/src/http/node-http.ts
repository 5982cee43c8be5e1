/**
 * `node:http`, for those who need more of it than its types. An `import` would read all its exports, and one of them is
 * `http.WebSocket`, for which Node loads all of undici: 7 MB of each process, and a third of the time in which a bare one starts.
 */
export const http = process.getBuiltinModule('node:http');
