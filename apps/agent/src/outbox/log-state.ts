import { AttemptRef, Outcome } from '@otherthing/protocol/agent';
import type { Logger } from '@otherthing/runtime';
import { z } from 'zod';

/** An outcome before it has its place in the outbox. */
export type Draft = Omit<Outcome, 'seq'>;

/** An attempt this node took and whose end is not in the outbox yet. With `ended`, only its delivery is left to do. */
export type HeldAttempt = AttemptRef & { readonly ended?: { draft: Draft; transferToken: string } };

export function attemptKey(ref: AttemptRef): string {
  return `${ref.job_id}.${ref.epoch}`;
}

/** The records of the log; `t` names the kind. */
export const LogRecord = z.discriminatedUnion('t', [
  z.object({ t: z.literal('node'), node: z.string() }),
  z.object({ t: z.literal('taken'), ref: AttemptRef }),
  z.object({ t: z.literal('ended'), draft: Outcome.omit({ seq: true }), token: z.string() }),
  z.object({ t: z.literal('outcome'), outcome: Outcome }),
  z.object({ t: z.literal('dropped'), ref: AttemptRef }),
  z.object({ t: z.literal('acked'), upTo: z.number().int() }),
]);
export type LogRecord = z.infer<typeof LogRecord>;

/** What a log says: attempts without an outcome, and outcomes that nobody acknowledged, numbered from 1. */
export type LogState = { held: Map<string, HeldAttempt>; pending: Outcome[] };

function apply(state: LogState, record: LogRecord): void {
  if (record.t === 'taken') state.held.set(attemptKey(record.ref), record.ref);
  else if (record.t === 'ended') {
    const { job_id, epoch } = record.draft;
    const ended = { draft: record.draft, transferToken: record.token };
    state.held.set(attemptKey(record.draft), { job_id, epoch, ended });
  } else if (record.t === 'outcome') {
    state.held.delete(attemptKey(record.outcome));
    state.pending.push(record.outcome);
  } else if (record.t === 'dropped') state.held.delete(attemptKey(record.ref));
  else if (record.t === 'acked') state.pending = state.pending.filter((outcome) => outcome.seq > record.upTo);
}

/** Reads a log from its records. Entries of another identity are dropped; a record nobody understands is passed over. */
export function replay(
  records: readonly unknown[],
  options: { readonly nodeId: string; readonly logger: Logger },
): LogState {
  const state: LogState = { held: new Map(), pending: [] };
  for (const raw of records) {
    const parsed = LogRecord.safeParse(raw);
    if (!parsed.success) {
      options.logger.error({ problem: parsed.error.message }, 'a record of the outbox is not understood');
      continue;
    }
    if (parsed.data.t === 'node' && parsed.data.node !== options.nodeId) {
      options.logger.warn(
        { node: parsed.data.node },
        'the outbox belongs to another identity and is dropped',
      );
      return { held: new Map(), pending: [] };
    }
    apply(state, parsed.data);
  }
  // A compaction may have written an outcome that was being appended at the same moment.
  const bySeq = new Map(state.pending.map((outcome) => [outcome.seq, outcome]));
  const ordered = [...bySeq.values()].sort((a, b) => a.seq - b.seq);
  return { held: state.held, pending: ordered.map((outcome, at) => ({ ...outcome, seq: at + 1 })) };
}
