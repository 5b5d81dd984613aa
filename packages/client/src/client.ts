import type { ReplyOf, Route, WrittenBody, WrittenParams, WrittenQuery } from '@otherthing/protocol/http';
import { errorOf, notUnderstood, unreachable } from './request-error.ts';

type Schema = { readonly _zod: unknown };
type Nothing = Record<never, never>;
type Field<Key extends string, Value> = Nothing extends Value
  ? { readonly [K in Key]?: Value }
  : { readonly [K in Key]: Value };

/** What a caller writes for a route: only the parts its contract has; a part is optional when all in it is. */
export type CallInput<R extends Route> = (R['params'] extends Schema
  ? Field<'params', WrittenParams<R>>
  : Nothing) &
  (R['query'] extends Schema ? Field<'query', WrittenQuery<R>> : Nothing) &
  (R['body'] extends 'bytes'
    ? { readonly body: Blob | Uint8Array<ArrayBuffer> }
    : R['body'] extends Schema
      ? Field<'body', WrittenBody<R>>
      : Nothing) & {
    readonly headers?: Readonly<Record<string, string>>;
    readonly signal?: AbortSignal;
  };

type Input<R extends Route> = Nothing extends CallInput<R> ? [input?: CallInput<R>] : [input: CallInput<R>];
type Reply<R extends Route> = R['reply'] extends 'empty' ? undefined : ReplyOf<R>;

export type ClientOptions = {
  /** For example `http://localhost:8420`; empty in a page of the orchestrator itself. */
  readonly baseUrl: string;
  /** Access token or CLI session; pages use their cookie instead. */
  readonly token?: string | undefined;
  readonly fetch?: typeof fetch;
  /** Called for every 401, so that a page can show its sign-in. */
  readonly onUnauthorized?: () => void;
};

export type Client = {
  readonly baseUrl: string;
  readonly token: string | undefined;
  /** Calls a JSON or empty route. Throws `RequestError` (an `AppError`) for everything that is not 2xx. */
  call<const R extends Route>(route: R, ...input: Input<R>): Promise<Reply<R>>;
  /** Calls a `bytes` or HEAD route; the answer is 2xx, its body unread. */
  stream<const R extends Route>(route: R, ...input: Input<R>): Promise<Response>;
  /** Address of a GET route, for links and downloads. */
  url<const R extends Route>(route: R, ...input: Input<R>): string;
};

type LooseInput = {
  readonly params?: Record<string, unknown>;
  readonly query?: Record<string, unknown>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
};

/** A client for one orchestrator and one person or token. It keeps nothing between calls. */
export function createClient(options: ClientOptions): Client {
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  const doFetch = options.fetch ?? ((input: string, init?: RequestInit) => fetch(input, init));

  const send = async (route: Route, input: LooseInput): Promise<Response> => {
    const headers: Record<string, string> = { ...input.headers };
    if (options.token) headers.authorization = `Bearer ${options.token}`;
    const init: RequestInit = { method: route.method, headers };
    if (input.signal) init.signal = input.signal;
    if (route.body === 'bytes') {
      headers['content-type'] = 'application/octet-stream';
      init.body = input.body as Blob;
    } else if (route.body !== undefined) {
      headers['content-type'] = 'application/json';
      init.body = JSON.stringify(input.body ?? {});
    }
    let response: Response;
    try {
      response = await doFetch(addressOf(baseUrl, route, input), init);
    } catch (cause) {
      if (input.signal?.aborted) throw input.signal.reason;
      throw unreachable(baseUrl, cause);
    }
    if (response.ok) return response;
    if (response.status === 401) options.onUnauthorized?.();
    throw await errorOf(response);
  };

  return {
    baseUrl,
    token: options.token,
    call: async (route, ...[input]) => {
      const response = await send(route, (input ?? {}) as LooseInput);
      return (await readReply(route, response, (input as LooseInput | undefined)?.signal)) as never;
    },
    stream: (route, ...[input]) => send(route, (input ?? {}) as LooseInput),
    url: (route, ...[input]) => addressOf(baseUrl, route, (input ?? {}) as LooseInput),
  };
}

async function readReply(route: Route, response: Response, signal?: AbortSignal): Promise<unknown> {
  if (route.reply === 'empty') {
    await response.body?.cancel();
    return undefined;
  }
  if (route.reply === 'bytes') return 'bytes';
  let text: string;
  try {
    text = await response.text();
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    throw unreachable('', cause);
  }
  try {
    return route.reply.parse(JSON.parse(text));
  } catch (cause) {
    throw notUnderstood(`${route.method} ${route.path}`, cause);
  }
}

function addressOf(baseUrl: string, route: Route, input: LooseInput): string {
  const path = route.path.replace(/:([A-Za-z0-9]+)/g, (_, name: string) => {
    const value = input.params?.[name];
    if (value === undefined) throw new TypeError(`${route.id} needs the path parameter ${name}`);
    return encodeURIComponent(String(value));
  });
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input.query ?? {})) {
    if (value !== undefined && value !== null) query.set(name, String(value));
  }
  const search = query.toString();
  return `${baseUrl}${path}${search ? `?${search}` : ''}`;
}
