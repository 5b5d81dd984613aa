import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { AttemptRef, Outcome } from '@otherthing/protocol/agent';
import { newId } from '@otherthing/protocol/ids';
import type { Logger } from '@otherthing/runtime';
import { ensurePrivateFolder, isDiskFull } from '../disk/index.ts';
import {
  attemptKey,
  type Draft,
  type HeldAttempt,
  type LogRecord,
  type LogState,
  replay,
} from './log-state.ts';
import { openRecordLog, type RecordLog } from './record-log.ts';
import { openReserve, type Reserve } from './reserve.ts';

const COMPACT_ABOVE_BYTES = 4 * 1024 * 1024;
/** What one live record is taken to be worth when compaction is weighed. */
const BYTES_PER_RECORD = 512;
/** Unacknowledged outcomes beyond which no new work is taken. */
const MAX_PENDING = 50_000;
const RETRY_WRITE_MS = 1000;
const DRAIN_STEP_MS = 20;

export type OutboxOptions = {
  readonly folder: string;
  readonly nodeId: string;
  readonly logger: Logger;
  /** Bytes kept free for outcomes on a full disk. */
  readonly reserveBytes?: number | undefined;
};

/**
 * Opens the outbox of a node. It gets a fresh id at every start, its unacknowledged outcomes numbered anew: so a cloned
 * disk can never continue the numbers of the other copy. Entries of another identity are dropped.
 */
export async function openOutbox(options: OutboxOptions): Promise<Outbox> {
  await ensurePrivateFolder(options.folder);
  const reserve = await openReserve(join(options.folder, 'reserve'), options.reserveBytes);
  const { log, records, cut } = await openRecordLog(join(options.folder, 'log'));
  if (cut > 0) options.logger.warn({ bytes: cut }, 'cut a torn record off the end of the outbox');
  const outbox = new Outbox({ log, reserve, options, state: replay(records, options) });
  try {
    await outbox.compact();
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    await reserve.release();
    await outbox.compact();
  }
  return outbox;
}

export class Outbox {
  readonly id = newId('outbox');
  readonly #log: RecordLog;
  readonly #reserve: Reserve;
  readonly #nodeId: string;
  readonly #logger: Logger;
  readonly #held: Map<string, HeldAttempt>;
  /** Durable, not acknowledged, in order of `seq`. */
  #pending: Outcome[];
  /** Numbered, but not durable yet. Also in what a compaction writes: their records may be in the file it replaces. */
  readonly #writing = new Map<number, Outcome>();
  #nextSeq: number;
  #compacting: Promise<void> | undefined;
  #closed = false;
  /** Called with every outcome that became durable. */
  onPosted: (outcome: Outcome) => void = () => undefined;

  constructor(parts: { log: RecordLog; reserve: Reserve; options: OutboxOptions; state: LogState }) {
    this.#log = parts.log;
    this.#reserve = parts.reserve;
    this.#nodeId = parts.options.nodeId;
    this.#logger = parts.options.logger;
    this.#held = parts.state.held;
    this.#pending = parts.state.pending;
    this.#nextSeq = parts.state.pending.length + 1;
  }

  get nextSeq(): number {
    return this.#nextSeq;
  }

  /** Attempts whose end is not in the outbox; right after opening: what an earlier agent process left behind. */
  held(): HeldAttempt[] {
    return [...this.#held.values()];
  }

  /** Outcomes after `seq` that may be sent: durable, in order, without a gap. */
  sendable(seq: number): readonly Outcome[] {
    const limit = this.#writing.size === 0 ? this.#nextSeq : Math.min(...this.#writing.keys());
    return this.#pending.filter((outcome) => outcome.seq > seq && outcome.seq < limit);
  }

  get pendingCount(): number {
    return this.#pending.length;
  }

  /** Outcomes of attempts that are waiting for their acknowledgement. */
  unacknowledged(): readonly Outcome[] {
    return this.#pending;
  }

  /** Why no new work may be taken, if so. Tries to take the reserve again when the disk has room. */
  refusal(): string | undefined {
    if (this.#pending.length >= MAX_PENDING)
      return `${this.#pending.length} results of this node are not acknowledged yet; it takes new work once they are.`;
    if (!this.#reserve.isHeld())
      return 'The disk of this node is full: what is left is kept for the results of running jobs. Free some space on it.';
    return undefined;
  }

  /** Takes the reserved space again after a full disk. */
  async recover(): Promise<void> {
    if (!this.#reserve.isHeld() && (await this.#reserve.take()))
      this.#logger.info('the disk has room again; this node takes new work');
  }

  /** Notes that this node works on the attempt. Not synced: after a power cut the orchestrator assigns it again. */
  async take(ref: AttemptRef): Promise<void> {
    const held = { job_id: ref.job_id, epoch: ref.epoch };
    this.#held.set(attemptKey(ref), held);
    await this.#log.append({ t: 'taken', ref: held } satisfies LogRecord, { durable: false });
  }

  /** Makes the end of an attempt durable whose output or artifacts are still to be delivered. */
  async end(draft: Draft, transferToken: string): Promise<void> {
    const { job_id, epoch } = draft;
    this.#held.set(attemptKey(draft), { job_id, epoch, ended: { draft, transferToken } });
    await this.#appendDurably({ t: 'ended', draft, token: transferToken });
  }

  /** Puts an outcome in the outbox; resolves once it is durable and will be sent until it is acknowledged. */
  async post(draft: Draft): Promise<void> {
    const outcome: Outcome = { ...draft, seq: this.#nextSeq };
    this.#nextSeq += 1;
    this.#writing.set(outcome.seq, outcome);
    await this.#appendDurably({ t: 'outcome', outcome });
    this.#writing.delete(outcome.seq);
    this.#held.delete(attemptKey(draft));
    this.#pending.push(outcome);
    const before = this.#pending.at(-2);
    if (before && before.seq > outcome.seq) this.#pending.sort((a, b) => a.seq - b.seq);
    this.onPosted(outcome);
  }

  /** The attempt is not wanted any more and leaves no outcome. */
  async drop(ref: AttemptRef): Promise<void> {
    if (!this.#held.delete(attemptKey(ref))) return;
    const dropped = { job_id: ref.job_id, epoch: ref.epoch };
    await this.#log.append({ t: 'dropped', ref: dropped } satisfies LogRecord, { durable: false });
  }

  /** Forgets outcomes up to `upTo` and returns them, so that their files can go too. */
  async acknowledge(outboxId: string, upTo: number): Promise<readonly Outcome[]> {
    if (outboxId !== this.id) return [];
    const rest = this.#pending.findIndex((outcome) => outcome.seq > upTo);
    const done = rest === -1 ? this.#pending : this.#pending.slice(0, rest);
    if (done.length === 0) return done;
    this.#pending = rest === -1 ? [] : this.#pending.slice(rest);
    // Losing this record only means that an acknowledged outcome is sent once more.
    await this.#log
      .append({ t: 'acked', upTo } satisfies LogRecord, { durable: false })
      .catch((error: unknown) => this.#logger.warn({ err: error }, 'an acknowledgement was not noted'));
    if (this.#log.size() > COMPACT_ABOVE_BYTES) this.#compactSoon();
    return done;
  }

  /** Waits until everything is acknowledged, at most `ms`. */
  async drained(ms: number): Promise<void> {
    for (let waited = 0; this.#pending.length > 0 && waited < ms; waited += DRAIN_STEP_MS)
      await setTimeout(DRAIN_STEP_MS);
  }

  /** Rewrites the log with what still counts. */
  compact(): Promise<void> {
    return this.#log.rewrite(() => this.#snapshot());
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#log.close();
  }

  #snapshot(): LogRecord[] {
    const held = [...this.#held.values()].map(
      (attempt): LogRecord =>
        attempt.ended
          ? { t: 'ended', draft: attempt.ended.draft, token: attempt.ended.transferToken }
          : { t: 'taken', ref: { job_id: attempt.job_id, epoch: attempt.epoch } },
    );
    const outcomes = [...this.#pending, ...this.#writing.values()].map(
      (outcome): LogRecord => ({ t: 'outcome', outcome }),
    );
    return [{ t: 'node', node: this.#nodeId }, ...held, ...outcomes];
  }

  #compactSoon(): void {
    const live = this.#pending.length + this.#held.size;
    if (this.#compacting || live * BYTES_PER_RECORD > this.#log.size() / 2) return;
    this.#compacting = this.compact()
      .catch((error: unknown) => this.#logger.warn({ err: error }, 'the outbox could not be compacted'))
      .finally(() => {
        this.#compacting = undefined;
      });
  }

  /** Does not give up: the reserve makes room on a full disk, other troubles are waited for. */
  async #appendDurably(record: LogRecord): Promise<void> {
    for (;;) {
      try {
        await this.#log.append(record, { durable: true });
        return;
      } catch (error) {
        if (this.#closed) throw error;
        this.#logger.error({ err: error }, 'an outcome could not be written yet');
        if (isDiskFull(error) && this.#reserve.isHeld()) await this.#reserve.release();
        else await setTimeout(RETRY_WRITE_MS);
      }
    }
  }
}
