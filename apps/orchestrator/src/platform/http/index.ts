/** The HTTP platform: a server that knows contracts, callers, origins and errors, but no domain. */
export { errorBody, toAppError } from './errors.ts';
export { openApiDocument } from './openapi.ts';
export { createOriginPolicy, type OriginPolicy } from './origin.ts';
export type { Guard, Membership, Principal, RequestCredentials } from './principal.ts';
export { createRateLimiter, type RateLimiter } from './rate-limit.ts';
export { type Call, createServe, type Handler, type Serve, webHeaders } from './serve.ts';
export { createHttpServer } from './server.ts';
