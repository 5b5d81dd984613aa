import { AppError } from '@otherthing/protocol/errors';
import { AccessTokenText } from '@otherthing/protocol/tokens';
import { type Clock, type Logger, MINUTE, SECOND } from '@otherthing/runtime';
import { type Accounts, type Identity, type Visitor, visitor } from '../accounts/index.ts';
import { hasChecksum, hashToken } from '../platform/crypto/index.ts';
import type { Guard, Membership, Principal } from '../platform/http/index.ts';
import { userScope, workspaceScope } from '../platform/scope.ts';
import type { Workspaces } from '../workspaces/index.ts';
import { createRecent } from './recent.ts';
import type { TokensStore } from './tokens.store.ts';
import type { TransferTokens } from './transfer-token.ts';

/** What was verified counts for so long; after that every replica has noticed a revocation. */
const REMEMBER_MS = SECOND;
const MAX_REMEMBERED = 10_000;
/** "Last used" is written at most this often. */
const TOUCH_EVERY_MS = MINUTE;
const SESSION_COOKIE = /(?:^|;\s*)otherthing\.session_token=([^;]*)/;

export type GuardDeps = {
  readonly store: TokensStore;
  readonly accounts: Pick<Accounts, 'identifyBrowser' | 'identifyCli' | 'users'>;
  readonly workspaces: Pick<Workspaces, 'role'>;
  readonly transferTokens: TransferTokens;
  readonly clock: Clock;
  readonly logger: Logger;
};

type Verified = { readonly principal: Principal; readonly expiresAt: number } | null;
type Standing = { readonly userId: string; readonly membership: Membership | null };

/** Who calls, and what they are in a workspace: by session cookie, CLI session (`ots_`) or access token (`ot_`). */
export function createGuard(deps: GuardDeps): Guard & { forget(userIds: readonly string[]): void } {
  const { workspaces, transferTokens, clock } = deps;
  const verified = createRecent<Verified>({
    ttlMs: REMEMBER_MS,
    max: MAX_REMEMBERED,
    clock,
    owner: (found) => found?.principal.userId,
  });
  const standings = createRecent<Standing>({
    ttlMs: REMEMBER_MS,
    max: MAX_REMEMBERED,
    clock,
    owner: (standing) => standing.userId,
  });
  return {
    async authenticate({ headers, address }) {
      const credential = credentialOf(headers);
      if (!credential) return null;
      const found = await verified.get(credential.key, () => {
        const from = visitor(address, headers.get('user-agent') ?? undefined);
        return verify(deps, from, credential);
      });
      if (found && found.expiresAt > clock.now()) return found.principal;
      throw new AppError(credential.kind === 'cookie' ? 'unauthorized' : 'token_invalid');
    },

    async membership({ userId }, workspaceId) {
      const { membership } = await standings.get(`${userId} ${workspaceId}`, async () => {
        const role = await workspaces.role(userScope(userId), workspaceId);
        return { userId, membership: role ? { workspaceId, role } : null };
      });
      if (!membership) throw new AppError('workspace_not_found');
      return membership;
    },

    transfer: (token) => transferTokens.transfer(token),

    forget(userIds) {
      const set = new Set(userIds);
      verified.forget(set);
      standings.forget(set);
    },
  };
}

type Credential = {
  readonly kind: 'cookie' | 'cli' | 'access-token';
  readonly text: string;
  readonly key: string;
};

/** The one credential of a request: the Authorization header if there is one, else our cookie. Never the URL. */
function credentialOf(headers: Headers): Credential | null {
  const authorization = headers.get('authorization');
  if (authorization !== null) {
    const text = /^Bearer (\S+)$/i.exec(authorization)?.[1] ?? '';
    if (!AccessTokenText.safeParse(text).success || !hasChecksum(text)) throw new AppError('token_invalid');
    const kind = text.startsWith('ots_') ? 'cli' : 'access-token';
    return { kind, text, key: `${kind} ${hashToken(text).toString('base64')}` };
  }
  const cookie = SESSION_COOKIE.exec(headers.get('cookie') ?? '')?.[1];
  if (!cookie) return null;
  const text = `otherthing.session_token=${cookie}`;
  return { kind: 'cookie', text, key: `cookie ${hashToken(text).toString('base64')}` };
}

async function verify(deps: GuardDeps, from: Visitor, credential: Credential): Promise<Verified> {
  const { accounts } = deps;
  switch (credential.kind) {
    case 'cookie':
      return asPrincipal(await accounts.identifyBrowser(from, credential.text), 'cookie');
    case 'cli':
      return asPrincipal(await accounts.identifyCli(from, credential.text), 'cli');
    case 'access-token':
      return verifyAccessToken(deps, credential.text);
  }
}

function asPrincipal(identity: Identity | null, via: 'cookie' | 'cli'): Verified {
  if (!identity) return null;
  const { userId, name, email, sessionId, expiresAt } = identity;
  return { principal: { userId, name, email, via, credentialId: sessionId }, expiresAt };
}

async function verifyAccessToken(
  { store, accounts, clock, logger }: GuardDeps,
  text: string,
): Promise<Verified> {
  const now = clock.now();
  const row = await store.byHash(hashToken(text), new Date(now));
  const [user] = row ? await accounts.users(userScope(row.userId), [row.userId]) : [];
  if (!row || !user) return null;
  if (!row.lastUsedAt || now - row.lastUsedAt.getTime() >= TOUCH_EVERY_MS) {
    const scope = workspaceScope(row.workspaceId, row.userId);
    await store.touch(scope, { tokenId: row.id, now: new Date(now) }).catch((error: unknown) => {
      logger.warn({ err: error }, 'the time of last use was not written');
    });
  }
  const token = { workspaceId: row.workspaceId, scopes: row.scopes };
  return {
    principal: {
      userId: user.id,
      name: user.name,
      email: user.email,
      via: 'access-token',
      credentialId: row.id,
      token,
    },
    expiresAt: row.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY,
  };
}
