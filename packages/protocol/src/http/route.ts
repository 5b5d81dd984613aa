import { z } from 'zod';
import type { ErrorCode } from '../errors.ts';

/**
 * Route contracts are data: the orchestrator registers them, the client calls them, the OpenAPI document is printed
 * from them. `z.undefined()`-like absence is written by leaving `params`, `query` or `body` out.
 */
export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** member > viewer etc. is decided in `access`; a token must carry the scope, its member the role. */
export const ROLES = ['viewer', 'member', 'admin', 'owner'] as const;
export const Role = z.enum(ROLES).meta({ id: 'Role' });
export type Role = z.infer<typeof Role>;

export const SCOPES = [
  'workspace:read',
  'workspace:write',
  'nodes:read',
  'nodes:write',
  'jobs:read',
  'jobs:write',
  'files:read',
  'files:write',
] as const;
export const Scope = z.enum(SCOPES).meta({ id: 'Scope' });
export type Scope = z.infer<typeof Scope>;

/**
 * Who may call: `none` anybody, `user` a signed-in person or CLI session, `transfer` an agent with the token of one
 * attempt, or a member of the `:workspaceId` in the path with at least `role`, and with `scope` if by access token.
 */
export type Access = 'none' | 'user' | 'transfer' | { readonly role: Role; readonly scope: Scope };

/** `bytes`: a raw stream in (body) or out (reply). `empty`: 204 without a body. */
export type Route = {
  readonly id: string;
  readonly method: Method;
  readonly path: `/api/${string}`;
  readonly summary: string;
  readonly access: Access;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType | 'bytes';
  readonly headers?: z.ZodType;
  readonly reply: z.ZodType | 'bytes' | 'empty';
  readonly status?: 200 | 201 | 202;
  /** Codes beyond those every route may answer with (bad_request, unauthorized, forbidden, rate_limited, internal ...). */
  readonly errors?: readonly ErrorCode[];
  /** Takes the `Idempotency-Key` header. */
  readonly idempotent?: boolean;
};

export function defineRoute<const R extends Route>(route: R): R {
  return route;
}

type Parsed<T> = T extends z.ZodType ? z.output<T> : undefined;
type Written<T> = T extends z.ZodType ? z.input<T> : undefined;

/** What a handler receives and what a caller writes; both follow from the same contract. */
export type ParamsOf<R extends Route> = Parsed<R['params']>;
export type QueryOf<R extends Route> = Parsed<R['query']>;
export type BodyOf<R extends Route> = Parsed<R['body']>;
export type ReplyOf<R extends Route> = R['reply'] extends z.ZodType ? z.output<R['reply']> : R['reply'];
export type WrittenParams<R extends Route> = Written<R['params']>;
export type WrittenQuery<R extends Route> = Written<R['query']>;
export type WrittenBody<R extends Route> = Written<R['body']>;
/** What a handler returns, before the schema strips what it does not name. */
export type WrittenReply<R extends Route> = R['reply'] extends z.ZodType ? z.input<R['reply']> : R['reply'];

/** Query of every paged list: newest first, `cursor` = `next` of the previous page. */
export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(128).optional(),
});

export function page<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next: z.string().nullable() });
}

/** Times on the API are ISO 8601 in UTC with milliseconds, for example `2026-11-24T09:30:00.000Z`. */
export const Timestamp = z.iso.datetime();
