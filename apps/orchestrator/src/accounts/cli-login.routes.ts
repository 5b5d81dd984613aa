import { AppError } from '@otherthing/protocol/errors';
import { accounts as contract } from '@otherthing/protocol/http';
import type { Serve } from '../platform/http/index.ts';
import { userScope } from '../platform/scope.ts';
import type { Accounts } from './index.ts';
import { visitor } from './visitor.ts';

/** Signing a CLI in over HTTP. */
export function registerCliLogin(serve: Serve, accounts: Accounts): void {
  serve(contract.postCliLogin, (call) => accounts.beginCliLogin(visitor(call.address, call.body.client)));
  serve(contract.postCliPoll, async (call) => {
    const scope = visitor(call.address, call.headers['user-agent']);
    const poll = await accounts.pollCliLogin(scope, call.body.deviceCode);
    if (poll.status !== 'confirmed') return { status: poll.status };
    return { status: 'confirmed', token: poll.token, user: await accounts.user(userScope(poll.userId)) };
  });
  serve(contract.getCliLogin, async (call) => {
    const login = await accounts.waitingCliLogin(userScope(call.principal.userId), call.params.userCode);
    return { ...login, createdAt: login.createdAt.toISOString() };
  });
  serve(contract.postCliConfirm, async (call) => {
    if (call.principal.via !== 'cookie') {
      throw new AppError('forbidden', {
        message: 'A CLI login is confirmed in the dashboard.',
        hint: 'Open the address that the CLI shows in a browser where you are signed in.',
      });
    }
    const answer = { userCode: call.params.userCode, confirm: call.body.confirm };
    await accounts.answerCliLogin(userScope(call.principal.userId), answer);
  });
}
