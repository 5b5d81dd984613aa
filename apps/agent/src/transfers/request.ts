import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError, ErrorBody } from '@otherthing/protocol/errors';
import { SECOND } from '@otherthing/runtime';

const STALL_MS = 60 * SECOND;
const MAX_ERROR_BODY_BYTES = 64 * 1024;

export type Call = {
  readonly method: 'GET' | 'HEAD' | 'PUT';
  readonly url: string;
  readonly token: string;
  readonly signal: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: { readonly stream: Readable; readonly length: number };
};

export type Agents = { readonly http: HttpAgent; readonly https: HttpsAgent; destroy(): void };

/** Connections of one agent, kept open between calls. */
export function createAgents(): Agents {
  const http = new HttpAgent({ keepAlive: true, maxSockets: 8 });
  const https = new HttpsAgent({ keepAlive: true, maxSockets: 8 });
  return {
    http,
    https,
    destroy() {
      http.destroy();
      https.destroy();
    },
  };
}

/** One request. Resolves with the head of the reply; rejects when the connection fails or stalls. No redirects. */
export async function call(agents: Agents, options: Call): Promise<IncomingMessage> {
  const secure = options.url.startsWith('https:');
  const request = (secure ? httpsRequest : httpRequest)(options.url, {
    method: options.method,
    agent: secure ? agents.https : agents.http,
    signal: options.signal,
    timeout: STALL_MS,
    headers: {
      ...options.headers,
      authorization: `Bearer ${options.token}`,
      ...(options.body
        ? { 'content-length': options.body.length, 'content-type': 'application/octet-stream' }
        : {}),
    },
  });
  request.on('timeout', () => request.destroy(new Error('the transfer stalled')));
  const reply = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    request.once('error', reject);
  });
  if (!options.body) request.end();
  else {
    // A refusal may arrive before the body is through: then the reply counts, not the broken pipe.
    pipeline(options.body.stream, request).catch((error: Error) => request.destroy(error));
  }
  const response = await reply;
  request.on('error', (error) => response.destroy(error));
  return response;
}

export async function readBody(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += chunk as string;
    if (text.length > MAX_ERROR_BODY_BYTES) {
      response.destroy();
      break;
    }
  }
  return text;
}

/** The refusal behind a reply, as the orchestrator put it. */
export async function refusalOf(response: IncomingMessage): Promise<AppError> {
  const text = await readBody(response);
  const status = response.statusCode ?? 0;
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  const parsed = ErrorBody.safeParse(body);
  if (parsed.success) {
    const { code, message, hint } = parsed.data.error;
    return new AppError(code, { message, hint });
  }
  const temporary = status >= 500 || status === 429 || status === 408;
  return new AppError(temporary ? 'unavailable' : 'bad_request', {
    message: `The orchestrator answered a transfer with status ${status}.`,
  });
}
