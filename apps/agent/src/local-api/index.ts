/**
 * The running agent's own door on this machine: HTTP over a Unix socket (0600) or a named pipe, for `status`,
 * `approve`, `reject`, `rotate-key` and `leave`. Nobody but the account that runs the agent can open it.
 */
export { askAgent, LocalReply } from './client.ts';
export { AgentStatus, LocalCommand } from './contract.ts';
export { type LocalApi, startLocalApi } from './server.ts';
