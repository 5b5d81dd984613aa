import { PRODUCT_VERSION } from '@otherthing/protocol/version';
import type { Agent } from '../agent.ts';
import type { ConnectionState } from '../connection/index.ts';
import type { AgentStatus } from '../local-api/index.ts';
import type { NodeNews } from '../node-state/index.ts';
import { claimText, commandLine, executorLines, type Invocation, plain, shareKeyBox } from './screen.ts';

/** What `run` prints while it runs: news for the person at the machine, one thing once. */
export type Screen = {
  onStarted(agent: Agent): void;
  onNews(news: NodeNews): void;
  onConnection(state: ConnectionState): void;
  onceRegistered(run: () => void): void;
};

type Options = {
  readonly print: (text: string) => void;
  readonly invocation: Invocation;
  readonly url: string;
  /** This node was never registered: what fails now fails for good. */
  readonly first: boolean;
  readonly exit: (end: { code: number }) => void;
};

/** Before a first connection these cannot be waited out. */
const FATAL_AT_FIRST: readonly string[] = ['signature_invalid'];

export function createScreen(options: Options): Screen {
  const { print, invocation } = options;
  let agent: Agent | undefined;
  let registered = false;
  let lastProblem = '';
  let lastShareKey: string | null = null;
  const waiting: (() => void)[] = [];

  const showShareKey = (view: { shareKey: string | null; shareKeyExpiresAt: string | null }) => {
    if (view.shareKey === null || view.shareKey === lastShareKey) return;
    lastShareKey = view.shareKey;
    print(`\n${shareKeyBox(view.shareKey, view.shareKeyExpiresAt, Date.now())}\n`);
  };
  const onRegistered = (news: Extract<NodeNews, { type: 'registered' }>) => {
    const { view } = news;
    lastProblem = '';
    if (!registered) {
      const status = agent?.status();
      if (status?.orchestratorFingerprint && options.first)
        print(
          `The orchestrator's key is ${status.orchestratorFingerprint}; this node trusts only it from now on.`,
        );
      const names = view.workspaces.map((workspace) => plain(workspace.name)).join(', ');
      print(
        `Connected as ${plain(view.name ?? '')}. ${names === '' ? 'Lent to no workspace yet.' : `Lent to ${names}.`}`,
      );
      if (view.join && !view.join.approved)
        print('An admin of the workspace has to approve this machine (Nodes page).');
      if (status && view.owner === null) showShareKey(view);
    } else print('Connected again.');
    registered = true;
    for (const run of waiting.splice(0)) run();
  };

  return {
    onStarted(started) {
      agent = started;
      print(introduction(started.status(), options.url));
    },
    onNews(news) {
      if (news.type === 'registered') onRegistered(news);
      else if (news.type === 'share-key') showShareKey(news.view);
      else if (news.type === 'claim') print(`\n${claimText(news.claim, invocation)}\n`);
      else if (news.type === 'joined') print(`Lent to ${plain(news.workspace.name)}.`);
      else print(`No longer lent to ${plain(news.workspace.name)}: ${plain(news.reason)}`);
    },
    onConnection(state) {
      const { error } = state;
      if (!error || (state.state !== 'waiting' && state.state !== 'stopped')) return;
      const text = `${error.message}\n  ${error.hint}`;
      if (text !== lastProblem) print(text);
      lastProblem = text;
      const fatal = options.first && !registered && FATAL_AT_FIRST.includes(error.code);
      if (state.state === 'stopped' || fatal) options.exit({ code: 1 });
    },
    onceRegistered(run) {
      if (registered) run();
      else waiting.push(run);
    },
  };

  function introduction(status: AgentStatus, url: string): string {
    return [
      `OtherThing agent ${PRODUCT_VERSION}`,
      `Node        ${plain(status.name ?? '')}  ${status.nodeId}`,
      `Fingerprint ${status.fingerprint}`,
      `Lends       ${status.limits.cpuCores} CPU cores, ${status.limits.ramPercent} % of the memory`,
      ...executorLines(status),
      `Connecting to ${url} (more: ${commandLine(invocation, 'status')})`,
    ].join('\n');
  }
}
