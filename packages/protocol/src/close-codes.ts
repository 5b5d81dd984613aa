/**
 * WebSocket close codes of both sockets. 4000-4999 is the application's own range (RFC 6455, 7.4.2).
 * `retry` says what a well-behaved peer does next: come back with backoff, or stop and tell a person.
 */
export const CLOSE_CODES = {
  shutting_down: { code: 1012, retry: true },
  protocol_error: { code: 4000, retry: true },
  message_too_big: { code: 4001, retry: true },
  register_timeout: { code: 4002, retry: true },
  signature_invalid: { code: 4003, retry: false },
  version_unsupported: { code: 4004, retry: false },
  duplicate_identity: { code: 4005, retry: true },
  join_token_invalid: { code: 4006, retry: false },
  too_many_unclaimed: { code: 4007, retry: true },
  node_removed: { code: 4008, retry: false },
  silent: { code: 4009, retry: true },
  unauthorized: { code: 4010, retry: false },
  forbidden: { code: 4011, retry: false },
  overloaded: { code: 4012, retry: true },
  internal: { code: 4013, retry: true },
} as const;

export type CloseReason = keyof typeof CLOSE_CODES;

/** The reason behind a received close code, or `undefined` for codes that are not ours. */
export function closeReason(code: number): CloseReason | undefined {
  return (Object.keys(CLOSE_CODES) as CloseReason[]).find((reason) => CLOSE_CODES[reason].code === code);
}
