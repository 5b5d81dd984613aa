/**
 * What the node must not forget: which attempts it took, how they ended, and which outcomes the orchestrator has not
 * acknowledged. One checksummed log on disk with group commit; space for outcomes is reserved, so that a full disk
 * stops new work and never loses an end.
 */
export { attemptKey, type Draft, type HeldAttempt } from './log-state.ts';
export { type Outbox, openOutbox } from './outbox.ts';
