import type { TransferClaims } from '@otherthing/protocol/agent';
import type { Role, Scope } from '@otherthing/protocol/http';

/** Who calls, as far as the credentials of the request say. */
export type Principal = {
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  readonly via: 'cookie' | 'cli' | 'access-token';
  /** Id of the session or access token, for lists and for revoking "this one". */
  readonly credentialId: string;
  /** An access token is bound to one workspace and to scopes. */
  readonly token?: { readonly workspaceId: string; readonly scopes: readonly Scope[] };
};

/** A person's standing in one workspace right now. */
export type Membership = { readonly workspaceId: string; readonly role: Role };

/** What the HTTP server needs of `accounts` and `access`; joined in orchestrator.ts. Failures are `AppError`s. */
export type Guard = {
  /** The caller, or null when the request carries no credentials. Throws for credentials that are wrong. */
  authenticate(credentials: RequestCredentials): Promise<Principal | null>;
  /** Membership of the caller in a workspace. Throws `workspace_not_found` when there is none. */
  membership(principal: Principal, workspaceId: string): Promise<Membership>;
  /** Claims of the transfer token of an attempt. Throws `unauthorized`. */
  transfer(token: string): TransferClaims;
};

export type RequestCredentials = {
  readonly headers: Headers;
  readonly address: string;
};
