import { join } from 'node:path';
import type { AgentMessage, Assignment, AttemptRef, Outcome } from '@otherthing/protocol/agent';
import type { Clock, Logger } from '@otherthing/runtime';
import type { Link, LinkMessage } from '../connection/index.ts';
import { removeTree } from '../disk/index.ts';
import type { Admission } from '../limits/index.ts';
import { attemptKey, type Draft, type HeldAttempt, type Outbox } from '../outbox/index.ts';
import type { Transfers } from '../transfers/index.ts';
import { Attempt, type RunExecutor } from './attempt.ts';
import { deliver } from './delivery.ts';
import type { Inputs } from './inputs.ts';
import { OutputSender } from './output-sender.ts';
import { RecentKeys } from './recent-keys.ts';
import { Reports } from './reports.ts';
import { Spool } from './spool.ts';

/** An attempt as `status` shows it. */
export type RunView = {
  readonly jobId: string;
  readonly epoch: number;
  readonly name: string | null;
  readonly kind: string;
  readonly state: 'preparing' | 'running' | 'delivering';
  readonly startedAt: string | null;
};

export type RunsOptions = {
  readonly folder: string;
  readonly outbox: Outbox;
  readonly link: Link;
  readonly admission: Admission;
  readonly executors: () => readonly RunExecutor[];
  readonly inputs: Inputs;
  readonly transfers: Transfers;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly outputCapBytes?: number | undefined;
  readonly spoolCapBytes?: number | undefined;
};

/** What the node holds of one attempt until its outcome is in the outbox. */
type Entry = {
  readonly ref: AttemptRef;
  /** Absent for what an earlier agent process left to deliver. */
  readonly attempt?: Attempt;
  readonly abort: AbortController;
  spool?: Spool;
  ended: boolean;
  token: string;
};

export type Runs = ReturnType<typeof createRuns>;

export function createRuns(options: RunsOptions) {
  return new RunSet(options);
}

class RunSet {
  readonly #options: RunsOptions;
  readonly #entries = new Map<string, Entry>();
  /** Newest epoch held of each job. */
  readonly #newest = new Map<string, number>();
  /** Outcomes that were acknowledged lately: a late copy of their assignment must not run again. */
  readonly #settled = new RecentKeys(20_000);
  readonly #sender: OutputSender;
  readonly #reports: Reports;
  /** Named in the last reconcile; only these can be called off by its answer. */
  #named: AttemptRef[] = [];
  /** Attempts whose outcome is in the outbox, and whether they left files here. */
  readonly #posted = new Map<string, boolean>();
  #draining = false;

  constructor(options: RunsOptions) {
    this.#options = options;
    this.#sender = new OutputSender({ link: options.link, logger: options.logger });
    this.#reports = new Reports({ link: options.link, outbox: options.outbox });
    options.outbox.onPosted = (outcome) => this.#onPosted(outcome);
    for (const outcome of options.outbox.unacknowledged()) this.#posted.set(attemptKey(outcome), true);
  }

  /** Turns what an earlier agent process left into outcomes, or goes on delivering it. */
  async recover(): Promise<void> {
    for (const held of this.#options.outbox.held()) {
      if (held.ended) await this.#recoverDelivery(held, held.ended);
      else {
        await removeTree(this.#folderOf(held));
        await this.#options.outbox.post(restartedDraft(held, this.#options.clock.now()));
      }
    }
  }

  onMessage(message: LinkMessage): void {
    if (message.type === 'assign') {
      for (const { ref, problem } of message.broken)
        this.#reports.refused(ref, `The assignment does not follow the protocol: ${problem}`);
      for (const assignment of message.jobs) this.#assign(assignment);
    } else if (message.type === 'cancel') for (const cancel of message.attempts) this.#cancel(cancel);
    else if (message.type === 'desired') this.#keepOnly(message.attempts);
    else if (message.type === 'output_ack') this.#watch(this.#sender.onAck(message));
    else if (message.type === 'outcomes_ack') this.#watch(this.#acknowledge(message));
  }

  onConnected(): void {
    this.reconcile();
    this.#reports.onConnected();
    this.#sender.onConnected();
  }

  onDisconnected(): void {
    this.#sender.onDisconnected();
    this.#named = [];
  }

  /** Tells the orchestrator what is here, and sends again what it should have acknowledged by now. */
  reconcile(): void {
    const { outbox, link } = this.#options;
    const held = [...this.#entries.values()].map(({ ref, attempt, ended }) => ({
      ...ref,
      state: ended || !attempt ? ('ended' as const) : attempt.state,
    }));
    const waiting = outbox
      .unacknowledged()
      .map(({ job_id, epoch }) => ({ job_id, epoch, state: 'ended' as const }));
    const message: AgentMessage = {
      type: 'reconcile',
      outbox_id: outbox.id,
      outbox_next_seq: outbox.nextSeq,
      attempts: [...held, ...waiting],
    };
    if (link.send(message)) this.#named = held;
    this.#reports.sendAgain();
  }

  /** Stops everything: each running attempt becomes an outcome that says the owner stopped the agent. */
  async stopAll(): Promise<void> {
    this.#draining = true;
    for (const { attempt } of this.#entries.values()) attempt?.stop('stopping');
    while ([...this.#entries.values()].some((entry) => entry.attempt && !entry.ended))
      await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** Stops and forgets everything, without outcomes: the node belongs to nobody any more. */
  dropAll(): void {
    for (const entry of [...this.#entries.values()]) this.#drop(entry);
  }

  views(): RunView[] {
    return [...this.#entries.values()].map(({ ref, attempt, ended }) => ({
      jobId: ref.job_id,
      epoch: ref.epoch,
      name: attempt?.assignment.name ?? null,
      kind: attempt?.assignment.kind ?? 'unknown',
      state: ended || !attempt ? 'delivering' : attempt.state,
      startedAt: attempt?.startedAt ?? null,
    }));
  }

  #folderOf(ref: AttemptRef): string {
    return join(this.#options.folder, attemptKey(ref));
  }

  #assign(assignment: Assignment): void {
    const key = attemptKey(assignment);
    const known = this.#entries.get(key);
    if (known) {
      if (known.attempt) known.attempt.transferToken = assignment.transfer_token;
      known.token = assignment.transfer_token;
      return;
    }
    if (this.#posted.has(key) || this.#settled.has(key)) return;
    const newest = this.#newest.get(assignment.job_id);
    if (newest !== undefined && newest > assignment.epoch) return;
    if (newest !== undefined) this.#dropKey(`${assignment.job_id}.${newest}`);
    const refusal = this.#refusal(assignment);
    if (refusal !== undefined) this.#reports.refused(assignment, refusal);
    else this.#take(assignment);
  }

  #refusal(assignment: Assignment): string | undefined {
    if (this.#draining) return 'The agent of this node is being stopped.';
    return (
      this.#options.outbox.refusal() ?? this.#options.admission.refusal(assignment.kind, assignment.resources)
    );
  }

  #take(assignment: Assignment): void {
    const { admission, outbox, executors, inputs, clock, logger, outputCapBytes, spoolCapBytes } =
      this.#options;
    const executor = executors().find((entry) => entry.kind === assignment.kind);
    if (!executor) throw new Error(`admission let a ${assignment.kind} job through without an executor`);
    admission.take(assignment.resources);
    const attempt = new Attempt({
      assignment,
      executor,
      folder: this.#folderOf(assignment),
      inputs,
      clock,
      logger,
      outputCapBytes,
      spoolCapBytes,
      onStarted: (at) => this.#reports.started(attempt.ref, at),
      onSpool: (spool) => this.#sender.add(attempt.ref, spool),
    });
    const entry: Entry = {
      ref: attempt.ref,
      attempt,
      abort: new AbortController(),
      spool: attempt.spool,
      ended: false,
      token: assignment.transfer_token,
    };
    this.#entries.set(attemptKey(entry.ref), entry);
    this.#newest.set(assignment.job_id, assignment.epoch);
    this.#watch(outbox.take(entry.ref));
    this.#watch(this.#work(entry, attempt));
  }

  async #work(entry: Entry, attempt: Attempt): Promise<void> {
    const { outbox, admission } = this.#options;
    const draft = await attempt.run();
    admission.giveBack(attempt.assignment.resources);
    entry.ended = true;
    if (entry.abort.signal.aborted) {
      await this.#forget(entry);
      return;
    }
    if (draft.artifacts.length > 0 || draft.output_bytes > attempt.spool.acked)
      await outbox.end(draft, entry.token);
    await this.#deliver(entry, draft);
  }

  async #deliver(entry: Entry, draft: Draft): Promise<void> {
    const { outbox, transfers, logger } = this.#options;
    const { ref, abort } = entry;
    const spool = entry.spool as Spool;
    const folder = this.#folderOf(ref);
    await deliver(
      { ref, draft, folder, spool, token: () => entry.token, signal: abort.signal },
      {
        outbox,
        transfers,
        logger,
      },
    );
    const dropped = abort.signal.aborted && !this.#posted.has(attemptKey(ref));
    if (dropped) await outbox.drop(ref);
    await this.#forget(entry, { keepFiles: !dropped });
  }

  async #recoverDelivery(held: HeldAttempt, ended: NonNullable<HeldAttempt['ended']>): Promise<void> {
    const ref = { job_id: held.job_id, epoch: held.epoch };
    const spool = await Spool.recover(join(this.#folderOf(ref), 'spool'));
    const entry: Entry = {
      ref,
      abort: new AbortController(),
      spool,
      ended: true,
      token: ended.transferToken,
    };
    this.#entries.set(attemptKey(ref), entry);
    this.#newest.set(ref.job_id, ref.epoch);
    this.#sender.add(ref, spool);
    this.#watch(this.#deliver(entry, ended.draft));
  }

  #cancel(cancel: AttemptRef & { reason: 'cancelled' | 'superseded' }): void {
    const entry = this.#entries.get(attemptKey(cancel));
    if (!entry) return;
    if (cancel.reason === 'superseded') this.#drop(entry);
    else if (!entry.ended) entry.attempt?.stop('cancelled');
  }

  /** The answer to a reconcile: of what it named, whatever the orchestrator does not want ends here. */
  #keepOnly(wanted: readonly AttemptRef[]): void {
    const keys = new Set(wanted.map(attemptKey));
    for (const ref of this.#named) if (!keys.has(attemptKey(ref))) this.#dropKey(attemptKey(ref));
    this.#named = [];
  }

  #dropKey(key: string): void {
    const entry = this.#entries.get(key);
    if (entry) this.#drop(entry);
  }

  #drop(entry: Entry): void {
    entry.abort.abort();
    entry.attempt?.stop('dropped');
    entry.spool?.discard();
    this.#watch(this.#options.outbox.drop(entry.ref));
  }

  async #acknowledge(ack: { outbox_id: string; up_to: number }): Promise<void> {
    const done = await this.#options.outbox.acknowledge(ack.outbox_id, ack.up_to);
    for (const outcome of done) {
      const key = attemptKey(outcome);
      const hasFiles = this.#posted.get(key) ?? true;
      this.#posted.delete(key);
      this.#settled.add(key);
      if (this.#newest.get(outcome.job_id) === outcome.epoch) this.#newest.delete(outcome.job_id);
      if (hasFiles) await removeTree(this.#folderOf(outcome));
    }
  }

  #onPosted(outcome: Outcome): void {
    const entry = this.#entries.get(attemptKey(outcome));
    this.#posted.set(attemptKey(outcome), entry?.attempt?.leavesFiles ?? true);
    this.#reports.postedSoon();
  }

  /** The attempt is over: its place is free; its files stay until the outcome is acknowledged. */
  async #forget(entry: Entry, options = { keepFiles: false }): Promise<void> {
    const key = attemptKey(entry.ref);
    this.#entries.delete(key);
    if (!entry.spool) return;
    this.#sender.remove(entry.spool);
    await entry.spool.close();
    if (!options.keepFiles) {
      if (this.#newest.get(entry.ref.job_id) === entry.ref.epoch) this.#newest.delete(entry.ref.job_id);
      await removeTree(this.#folderOf(entry.ref));
    }
  }

  #watch(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.#options.logger.error({ err: error }, 'work on an attempt failed'));
  }
}

function restartedDraft(ref: AttemptRef, now: number): Draft {
  return {
    job_id: ref.job_id,
    epoch: ref.epoch,
    state: 'failed',
    ended_at: new Date(now).toISOString(),
    exit_code: null,
    failure: {
      cause: 'node',
      code: 'agent_restarted',
      message: 'The agent of the node was stopped by force while the job ran.',
      hint: 'It is tried again if its retries for lost nodes allow it.',
    },
    artifacts: [],
    skipped: [],
    output_bytes: 0,
    output_cut_bytes: 0,
  };
}
