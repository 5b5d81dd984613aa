/** Every HTTP route of the product. `ROUTES` is what the orchestrator serves and what the OpenAPI document shows. */
import * as accounts from './accounts.ts';
import * as jobs from './jobs.ts';
import * as nodes from './nodes.ts';
import type { Route } from './route.ts';
import * as transfers from './transfers.ts';
import * as workspaces from './workspaces.ts';

const isRoute = (value: unknown): value is Route =>
  typeof value === 'object' && value !== null && 'method' in value && 'path' in value;

export const ROUTES: readonly Route[] = [accounts, workspaces, nodes, jobs, transfers].flatMap((domain) =>
  Object.values(domain).filter(isRoute),
);

export type { Session, User } from './accounts.ts';
export { Email, Password } from './accounts.ts';
export type { Attempt, Explanation, Job, JobSummary, NodeFit } from './jobs.ts';
export { BLOB_HEADERS, OUTPUT_HEADERS } from './jobs.ts';
export type { JoinToken, Membership, Node, OwnNode } from './nodes.ts';
export type {
  Access,
  BodyOf,
  Method,
  ParamsOf,
  QueryOf,
  ReplyOf,
  Role,
  Route,
  Scope,
  WrittenBody,
  WrittenParams,
  WrittenQuery,
  WrittenReply,
} from './route.ts';
export { defineRoute, PageQuery, page, ROLES, SCOPES } from './route.ts';
export type { AccessToken, Workspace } from './workspaces.ts';
export { accounts, jobs, nodes, transfers, workspaces };
