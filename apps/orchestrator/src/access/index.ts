import type { Clock, Logger } from '@otherthing/runtime';
import type { Pool } from 'pg';
import type { Accounts } from '../accounts/index.ts';
import type { Bus } from '../platform/bus/index.ts';
import type { Keyring } from '../platform/crypto/index.ts';
import type { Guard } from '../platform/http/index.ts';
import type { Workspaces } from '../workspaces/index.ts';
import { createGuard } from './guard.ts';
import { createTokensStore } from './tokens.store.ts';
import { createTokens } from './tokens.ts';
import { createTransferTokens, type TransferTokens } from './transfer-token.ts';

/**
 * Access: who a request comes from, what they may do in a workspace, and the tokens that act for a member. What was
 * verified is remembered for at most a second; revoking works in this process at once.
 */
export type Access = ReturnType<typeof createTokens> & {
  /** For the HTTP server and the live socket. */
  readonly guard: Guard;
  readonly issueTransferToken: TransferTokens['issueTransferToken'];
  /** Ends the subscription to the bus. */
  close(): void;
};

export type AccessDeps = {
  readonly pool: Pool;
  readonly keyring: Pick<Keyring, 'sign' | 'verify'>;
  readonly accounts: Accounts;
  readonly workspaces: Workspaces;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly logger: Logger;
};

export function createAccess(deps: AccessDeps): Access {
  const { pool, keyring, accounts, workspaces, bus, clock } = deps;
  const logger = deps.logger.child({ module: 'access' });
  const store = createTokensStore(pool);
  const transferTokens = createTransferTokens({ keyring, clock });
  const guard = createGuard({ store, accounts, workspaces, transferTokens, clock, logger });
  const ends = [
    bus.subscribe('access.changed', ({ userIds }) => guard.forget(userIds)),
    accounts.onSessionsEnded((userId) => guard.forget([userId])),
  ];
  const close = () => {
    for (const end of ends) end();
  };
  const tokens = createTokens({ store, accounts, bus, clock, forget: guard.forget });
  return { ...tokens, guard, issueTransferToken: transferTokens.issueTransferToken, close };
}

export { registerAccess } from './access.routes.ts';
export { type Action, can, roleAtLeast } from './roles.ts';
