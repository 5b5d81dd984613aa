import { AppError, type ErrorBody } from '@otherthing/protocol/errors';
import type { Logger } from '@otherthing/runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** PostgreSQL error classes that mean "the database is away", not "the query is wrong". */
const DATABASE_AWAY = /^(08|57P0|53)/;
/** The driver's own errors for the same; they carry no code. */
const DRIVER_AWAY = /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered)/;
/** A NUL in a text: PostgreSQL has no such character. */
const BAD_TEXT = '22021';
const SOCKET_AWAY = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT']);

/** Any thrown value as the one error a caller may see; unknown ones lose their detail here. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  if (code === 'ENOSPC' || code === '53100') return new AppError('disk_full', { cause: error });
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new AppError('too_large', { cause: error });
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new AppError('bad_request', {
      message: 'The body has a content type this route does not take.',
      cause: error,
    });
  }
  if (code === BAD_TEXT || isClientError(error)) return new AppError('bad_request', { cause: error });
  if (DATABASE_AWAY.test(code) || (SOCKET_AWAY.has(code) && isPostgres(error)) || isDriverAway(error)) {
    return new AppError('unavailable', { cause: error, retryAfterSeconds: 2 });
  }
  return new AppError('internal', { cause: error });
}

/** What the HTTP framework says of a request: broken JSON, a bad URL and the like. */
function isClientError(error: unknown): boolean {
  if (!(error instanceof Error) || !('statusCode' in error)) return false;
  return typeof error.statusCode === 'number' && error.statusCode >= 400 && error.statusCode < 500;
}

function isDriverAway(error: unknown): boolean {
  return error instanceof Error && DRIVER_AWAY.test(error.message);
}

function isPostgres(error: unknown): boolean {
  const text = error instanceof Error ? `${error.message} ${error.stack ?? ''}` : '';
  return /postgres|pg-pool|\.s\.PGSQL|Connection terminated/i.test(text);
}

export function errorBody(error: AppError, requestId: string): ErrorBody {
  const { code, message, hint, retryable, details } = error;
  return {
    error: { code, message, hint, requestId, retryable, ...(details === undefined ? {} : { details }) },
  };
}

/** The one place where errors become HTTP answers. */
export function sendError(
  request: FastifyRequest,
  reply: FastifyReply,
  options: { error: unknown; logger: Logger },
): FastifyReply {
  const error = toAppError(options.error);
  if (error.status >= 500)
    options.logger.error(
      { err: options.error, requestId: request.id, route: request.routeOptions.url },
      error.message,
    );
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', String(error.retryAfterSeconds));
  return reply.code(error.status).type('application/json; charset=utf-8').send(errorBody(error, request.id));
}
