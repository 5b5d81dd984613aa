import type { Readable } from 'node:stream';
import type { TransferClaims } from '@otherthing/protocol/agent';
import { AppError } from '@otherthing/protocol/errors';
import {
  type BodyOf,
  type ParamsOf,
  type QueryOf,
  ROLES,
  type Route,
  type WrittenReply,
} from '@otherthing/protocol/http';
import { WorkspaceId } from '@otherthing/protocol/ids';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodType } from 'zod';
import type { OriginPolicy } from './origin.ts';
import type { Guard, Membership, Principal } from './principal.ts';

/** What the handler of a route gets, already parsed and authorised. */
export type Call<R extends Route> = {
  readonly params: ParamsOf<R>;
  readonly query: QueryOf<R>;
  readonly body: R['body'] extends 'bytes' ? Readable : BodyOf<R>;
  readonly principal: R['access'] extends 'none' | 'transfer' ? undefined : Principal;
  readonly membership: R['access'] extends { role: string } ? Membership : undefined;
  readonly transfer: R['access'] extends 'transfer' ? TransferClaims : undefined;
  readonly address: string;
  readonly headers: FastifyRequest['headers'];
  readonly request: FastifyRequest;
  /** For headers of the reply, and the reply itself where the contract says `bytes`. */
  readonly reply: FastifyReply;
  /** Aborted when the caller went away. */
  readonly signal: AbortSignal;
};

/** JSON routes return the reply, `empty` ones nothing, `bytes` ones a stream or bytes. */
export type Handler<R extends Route> = (
  call: Call<R>,
) => Promise<
  R['reply'] extends ZodType ? WrittenReply<R> : R['reply'] extends 'bytes' ? Readable | Uint8Array : void
>;

export type Serve = <const R extends Route>(route: R, handler: Handler<R>) => void;

export type ServeDeps = {
  readonly app: FastifyInstance;
  readonly guard: () => Guard;
  readonly origins: OriginPolicy;
};

/** Bodies of routes that anybody may call. */
const MAX_ANONYMOUS_BYTES = 64 * 1024;

/** Registers contracts on the server: parse -> authorise -> call -> reply. */
export function createServe(deps: ServeDeps): Serve {
  const granted = new WeakMap<FastifyRequest, Access>();
  return (route, handler) => {
    deps.app.route({
      method: route.method,
      url: route.path,
      ...(route.body === 'bytes' ? { config: { rawBody: true } } : {}),
      ...(route.access === 'none' ? { bodyLimit: MAX_ANONYMOUS_BYTES } : {}),
      // Before the body is read: nobody unknown makes us hold megabytes.
      onRequest: async (request) => {
        granted.set(request, await authorise(route, request, deps));
      },
      handler: async (request, reply) => {
        const access = granted.get(request);
        const gone = new AbortController();
        reply.raw.once('close', () => gone.abort());
        const call = {
          params: parse(route.params, request.params, 'path'),
          query: parse(route.query, request.query, 'query'),
          body: route.body === 'bytes' ? request.body : parse(route.body, request.body ?? {}, 'body'),
          ...access,
          address: request.ip,
          headers: request.headers,
          request,
          reply,
          signal: gone.signal,
        };
        const answer = await handler(call as unknown as Call<typeof route>);
        return answerWith(route, reply, answer);
      },
    });
  };
}

function answerWith(route: Route, reply: FastifyReply, answer: unknown): FastifyReply {
  if (reply.sent) return reply;
  if (route.reply === 'empty') return reply.code(204).send();
  if (route.reply === 'bytes') {
    if (!reply.hasHeader('content-type')) reply.type('application/octet-stream');
    return reply.send(answer);
  }
  return reply
    .code(route.status ?? 200)
    .type('application/json; charset=utf-8')
    .send(answer);
}

function parse(schema: ZodType | 'bytes' | undefined, value: unknown, part: string): unknown {
  if (schema === undefined || schema === 'bytes') return undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const details = parsed.error.issues.slice(0, 20).map((issue) => ({
    path: [part, ...issue.path].join('.'),
    problem: issue.message,
  }));
  const first = details[0];
  throw new AppError('bad_request', {
    message: first ? `${first.path}: ${first.problem}.` : 'The request is not understood.',
    details,
  });
}

type Access = { principal?: Principal; membership?: Membership; transfer?: TransferClaims };

async function authorise(route: Route, request: FastifyRequest, deps: ServeDeps): Promise<Access> {
  if (route.access === 'none') {
    if (request.headers.origin !== undefined) requireOwnOrigin(request, deps.origins);
    return {};
  }
  if (route.access === 'transfer') return { transfer: deps.guard().transfer(bearer(request)) };
  const principal = await deps.guard().authenticate({ headers: webHeaders(request), address: request.ip });
  if (!principal) throw new AppError('unauthorized');
  if (principal.via === 'cookie' && request.method !== 'GET' && request.method !== 'HEAD')
    requireOwnOrigin(request, deps.origins);
  if (route.access === 'user') {
    if (principal.token) {
      throw new AppError('forbidden', {
        message: 'An access token works inside its workspace only.',
        hint: 'Run `otherthing login` for this.',
      });
    }
    return { principal };
  }
  const workspaceId = String((request.params as Record<string, unknown>).workspaceId);
  if (!WorkspaceId.safeParse(workspaceId).success) throw new AppError('workspace_not_found');
  if (principal.token && principal.token.workspaceId !== workspaceId)
    throw new AppError('workspace_not_found');
  const membership = await deps.guard().membership(principal, workspaceId);
  if (ROLES.indexOf(membership.role) < ROLES.indexOf(route.access.role)) {
    throw new AppError('forbidden', {
      message: `This needs the role ${route.access.role}; yours is ${membership.role}.`,
    });
  }
  if (principal.token && !principal.token.scopes.includes(route.access.scope)) {
    throw new AppError('scope_missing', {
      message: `The access token lacks the scope ${route.access.scope}.`,
    });
  }
  return { principal, membership };
}

function requireOwnOrigin(request: FastifyRequest, origins: OriginPolicy): void {
  if (!origins.originAllowed(request.headers.origin, request.headers.host))
    throw new AppError('origin_refused');
}

function bearer(request: FastifyRequest): string {
  const match = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '');
  if (!match?.[1]) throw new AppError('unauthorized');
  return match[1];
}

/** The request's headers as the web standard has them; repeated ones are joined. */
export function webHeaders(request: Pick<FastifyRequest, 'headers'>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return headers;
}
