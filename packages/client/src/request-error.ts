import { AppError, type AppErrorOptions, ErrorBody, type ErrorCode } from '@otherthing/protocol/errors';

/** A failed request: the orchestrator's own error with the id that finds it in its log. */
export class RequestError extends AppError {
  /** `undefined` when no answer arrived at all. */
  readonly requestId: string | undefined;

  constructor(code: ErrorCode, options: AppErrorOptions & { readonly requestId?: string | undefined } = {}) {
    super(code, options);
    this.name = 'RequestError';
    this.requestId = options.requestId;
  }
}

const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'bad_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  413: 'too_large',
  429: 'rate_limited',
  503: 'unavailable',
  507: 'disk_full',
};

/** The error behind an answer that is not 2xx; HEAD answers and foreign proxies have no body of ours. */
export async function errorOf(response: Response): Promise<RequestError> {
  const requestId = response.headers.get('x-request-id') ?? undefined;
  const retryAfter = retryAfterSeconds(response.headers.get('retry-after'));
  const parsed = ErrorBody.safeParse(await bodyOf(response));
  if (parsed.success) {
    const { code, message, hint, details } = parsed.data.error;
    return new RequestError(code, {
      message,
      hint,
      requestId: parsed.data.error.requestId,
      ...(details === undefined ? {} : { details }),
      ...(retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter }),
    });
  }
  const code = CODE_OF_STATUS[response.status] ?? 'internal';
  return new RequestError(code, {
    ...(response.status >= 500 && response.status !== 507
      ? { message: `The orchestrator answered with status ${response.status}.` }
      : {}),
    requestId,
    ...(retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter }),
  });
}

/** No answer: the network, the name or the process is away. */
export function unreachable(baseUrl: string, cause: unknown): RequestError {
  return new RequestError('unavailable', {
    message: `The orchestrator${baseUrl ? ` at ${baseUrl}` : ''} does not answer.`,
    hint: 'Check that it runs and that this machine can reach it, then try again.',
    cause,
  });
}

/** An answer that does not follow the contract: mostly two versions that do not know each other. */
export function notUnderstood(route: string, cause: unknown): RequestError {
  return new RequestError('internal', {
    message: `The answer of the orchestrator to ${route} is not understood.`,
    hint: 'Bring both sides to the same version; in a browser, load the page again.',
    cause,
  });
}

async function bodyOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}

function retryAfterSeconds(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds) && seconds >= 0) return seconds;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - Date.now()) / 1000));
}
