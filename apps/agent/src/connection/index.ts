/**
 * The agent's side of the link: dials out to `/ws/node`, proves who it is, checks who answers, stays connected and
 * comes back. See README.md for states and messages.
 */
export { type Connection, type ConnectionState, createConnection } from './connection.ts';
export { type Link, type LinkMessage, parseLinkMessage } from './messages.ts';
