import { randomUUID } from 'node:crypto';
import { AppError } from '@otherthing/protocol/errors';
import type { Logger } from '@otherthing/runtime';
import { type FastifyInstance, fastify } from 'fastify';
import { sendError } from './errors.ts';
import type { OriginPolicy } from './origin.ts';

/** JSON bodies up to this many bytes; a bulk of 100 jobs with long scripts fits. */
const MAX_JSON_BYTES = 16 * 1024 * 1024;

const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/**
 * The HTTP server without any route: one error shape, request ids, security headers, Host check, raw streams for
 * uploads. `trustProxy`: hops or addresses whose X-Forwarded-* are believed (OTHERTHING_TRUST_PROXY).
 */
export function createHttpServer(options: {
  logger: Logger;
  origins: OriginPolicy;
  trustProxy: boolean | string;
}): FastifyInstance {
  const { logger, origins } = options;
  const app = fastify({
    logger: false,
    trustProxy: options.trustProxy,
    bodyLimit: MAX_JSON_BYTES,
    genReqId: () => randomUUID(),
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 1024 },
    requestTimeout: 0,
    connectionTimeout: 0,
    keepAliveTimeout: 65_000,
  });
  app.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload));
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    reply.header('x-request-id', request.id);
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store');
    if (!origins.hostAllowed(request.headers.host)) {
      throw new AppError('origin_refused', {
        message: 'This orchestrator is not known under the host name of the request.',
        hint: 'Set OTHERTHING_URL to the address people open.',
      });
    }
  });
  app.setErrorHandler((error, request, reply) => sendError(request, reply, { error, logger }));
  app.setNotFoundHandler((request, reply) =>
    sendError(request, reply, { error: new AppError('not_found'), logger }),
  );
  return app;
}
