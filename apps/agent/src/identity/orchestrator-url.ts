import { AppError } from '@otherthing/protocol/errors';

/** Where an orchestrator listens for agents and for their files. */
export type OrchestratorEndpoints = {
  /** As people write it, without a trailing slash: `https://cloud.example.org`. */
  readonly url: string;
  readonly socket: string;
  /** Base of `/api/node/v1/...`, without a trailing slash. */
  readonly http: string;
  readonly encrypted: boolean;
};

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function parse(text: string): URL {
  try {
    return new URL(/^[a-z]+:\/\//i.test(text) ? text : `https://${text}`);
  } catch (error) {
    throw new AppError('bad_request', {
      message: `${JSON.stringify(text)} is not an address of an orchestrator.`,
      hint: 'Write it like https://cloud.example.org or http://localhost:8420.',
      cause: error,
    });
  }
}

/** Understands what people type or paste. Refuses unencrypted addresses off this machine unless `insecure` is set. */
export function endpointsOf(text: string, options: { insecure: boolean }): OrchestratorEndpoints {
  const url = parse(text.trim());
  const encrypted = url.protocol === 'https:' || url.protocol === 'wss:';
  if (!encrypted && url.protocol !== 'http:' && url.protocol !== 'ws:')
    throw new AppError('bad_request', {
      message: `An orchestrator cannot be reached by ${url.protocol}//.`,
      hint: 'Write its address like https://cloud.example.org.',
    });
  if (url.username || url.password)
    throw new AppError('bad_request', {
      message: 'The address of the orchestrator has a user name or password in it.',
      hint: 'Leave them out: the agent proves who it is by its key.',
    });
  if (!encrypted && !options.insecure && !isLoopback(url.hostname))
    throw new AppError('bad_request', {
      message: `${url.origin} is not encrypted: anybody on the way could read jobs and secrets.`,
      hint: 'Use its https:// address, or add --insecure if you trust every part of this network.',
    });
  const rest = `${url.host}${url.pathname.replace(/\/+$/, '')}`;
  const http = `${encrypted ? 'https' : 'http'}://${rest}`;
  return { url: http, http, socket: `${encrypted ? 'wss' : 'ws'}://${rest}/ws/node`, encrypted };
}
