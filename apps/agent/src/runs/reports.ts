import type { AgentMessage, AttemptRef, Outcome } from '@otherthing/protocol/agent';
import type { Link } from '../connection/index.ts';
import type { Outbox } from '../outbox/index.ts';

const MAX_ENTRIES = 1024;
/** Well below the size of the largest message. */
const MAX_BATCH_BYTES = 1024 * 1024;
const MAX_REASON = 1000;

type StartedEntry = Extract<AgentMessage, { type: 'started' }>['attempts'][number];
type RefusedEntry = Extract<AgentMessage, { type: 'refused' }>['attempts'][number];

/**
 * What the node tells of its attempts: started, refused, outcomes. News of one turn of the event loop go together.
 * `started` and `refused` are lost with a connection (reconcile says them again); outcomes are sent until acknowledged.
 */
export class Reports {
  readonly #link: Link;
  readonly #outbox: Outbox;
  #started: StartedEntry[] = [];
  #refused: RefusedEntry[] = [];
  #sentSeq = 0;
  #scheduled = false;

  constructor(options: { link: Link; outbox: Outbox }) {
    this.#link = options.link;
    this.#outbox = options.outbox;
  }

  started(ref: AttemptRef, at: string): void {
    this.#started.push({ job_id: ref.job_id, epoch: ref.epoch, at });
    this.#soon();
  }

  refused(ref: AttemptRef, reason: string): void {
    this.#refused.push({ job_id: ref.job_id, epoch: ref.epoch, reason: reason.slice(0, MAX_REASON) });
    this.#soon();
  }

  postedSoon(): void {
    this.#soon();
  }

  onConnected(): void {
    this.sendAgain();
  }

  /** Everything that is not acknowledged goes out once more. */
  sendAgain(): void {
    this.#sentSeq = 0;
    this.#soon();
  }

  #soon(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    const started = this.#started;
    const refused = this.#refused;
    this.#started = [];
    this.#refused = [];
    for (let at = 0; at < started.length; at += MAX_ENTRIES)
      this.#link.send({ type: 'started', attempts: started.slice(at, at + MAX_ENTRIES) });
    for (let at = 0; at < refused.length; at += MAX_ENTRIES)
      this.#link.send({ type: 'refused', attempts: refused.slice(at, at + MAX_ENTRIES) });
    this.#sendOutcomes();
  }

  #sendOutcomes(): void {
    for (const entries of batchesOf(this.#outbox.sendable(this.#sentSeq))) {
      if (!this.#link.send({ type: 'outcomes', outbox_id: this.#outbox.id, entries })) return;
      this.#sentSeq = entries.at(-1)?.seq ?? this.#sentSeq;
    }
  }
}

/** Rough size on the wire; exact would mean to serialise everything twice. */
function weight(outcome: Outcome): number {
  const result = outcome.result === undefined ? 0 : JSON.stringify(outcome.result).length;
  const artifacts = outcome.artifacts.reduce((sum, artifact) => sum + artifact.path.length * 3 + 128, 0);
  return 1024 + result + artifacts;
}

function* batchesOf(outcomes: readonly Outcome[]): Generator<Outcome[]> {
  let batch: Outcome[] = [];
  let bytes = 0;
  for (const outcome of outcomes) {
    const size = weight(outcome);
    if (batch.length >= MAX_ENTRIES || (batch.length > 0 && bytes + size > MAX_BATCH_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(outcome);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
