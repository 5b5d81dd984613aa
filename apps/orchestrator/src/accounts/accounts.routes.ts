import { accounts as contract } from '@otherthing/protocol/http';
import type { FastifyReply } from 'fastify';
import type { Call, Serve } from '../platform/http/index.ts';
import { userScope } from '../platform/scope.ts';
import type { SessionRow } from './accounts.store.ts';
import type { Accounts } from './index.ts';
import { visitor } from './visitor.ts';

type AnyCall = Pick<Call<typeof contract.getSetup>, 'address' | 'headers'>;
const visitorOf = (call: AnyCall) => visitor(call.address, call.headers['user-agent']);

function passOn(reply: FastifyReply, cookies: readonly string[]): void {
  if (cookies.length > 0) reply.header('set-cookie', [...cookies]);
}

/** Setup, sign-in and out, password and sessions over HTTP. */
export function registerAccounts(serve: Serve, accounts: Accounts): void {
  serve(contract.getSetup, async (call) => ({ needed: await accounts.setupNeeded(visitorOf(call)) }));
  serve(contract.postSetup, async (call) => {
    const { user, cookies } = await accounts.setup(visitorOf(call), call.body);
    passOn(call.reply, cookies);
    return user;
  });
  serve(contract.postSignIn, async (call) => {
    const { user, cookies } = await accounts.signIn(visitorOf(call), call.body);
    passOn(call.reply, cookies);
    return user;
  });
  serve(contract.postSignOut, async (call) => {
    const { userId, credentialId } = call.principal;
    const options = { sessionId: credentialId, visitor: visitorOf(call) };
    passOn(call.reply, await accounts.signOut(userScope(userId), options));
  });
  serve(contract.getMe, async (call) => {
    if (call.principal.via === 'cookie')
      passOn(call.reply, await accounts.refreshBrowser(visitorOf(call), call.headers.cookie ?? ''));
    return accounts.user(userScope(call.principal.userId));
  });
  serve(contract.postPassword, async (call) => {
    const { userId, credentialId } = call.principal;
    await accounts.changePassword(userScope(userId), { ...call.body, keep: credentialId });
  });
  serve(contract.listSessions, async (call) => {
    const { userId, credentialId } = call.principal;
    const rows = await accounts.sessions(userScope(userId));
    return { items: rows.map((row) => toSession(row, credentialId)) };
  });
  serve(contract.deleteSession, async (call) => {
    await accounts.endSession(userScope(call.principal.userId), call.params.sessionId);
  });
}

function toSession(row: SessionRow, currentId: string) {
  return {
    id: row.id,
    kind: row.kind,
    current: row.id === currentId,
    client: row.client,
    address: row.address,
    createdAt: row.createdAt.toISOString(),
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    expiresAt: row.expiresAt.toISOString(),
  };
}
