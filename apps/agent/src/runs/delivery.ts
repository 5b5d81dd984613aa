import { join } from 'node:path';
import type { AttemptRef } from '@otherthing/protocol/agent';
import { AppError } from '@otherthing/protocol/errors';
import type { Artifact } from '@otherthing/protocol/job-spec';
import type { Logger } from '@otherthing/runtime';
import type { Draft, Outbox } from '../outbox/index.ts';
import type { Transfers } from '../transfers/index.ts';
import { foldersOf } from './attempt.ts';
import { nodeFailure } from './failures.ts';
import type { Spool } from './spool.ts';

/** What a finished attempt still has to hand over. */
export type Delivery = {
  readonly ref: AttemptRef;
  readonly draft: Draft;
  readonly folder: string;
  readonly spool: Spool;
  readonly token: () => string;
  /** Aborted when nobody wants it any more. */
  readonly signal: AbortSignal;
};

type Deps = { readonly outbox: Outbox; readonly transfers: Transfers; readonly logger: Logger };

/**
 * Hands over in the order the orchestrator relies on: output to its end, artifacts, outcome. Waits through any outage;
 * only an orchestrator that refuses an artifact for good turns the outcome into a failure that says so.
 */
export async function deliver(delivery: Delivery, deps: Deps): Promise<void> {
  const { draft, signal, spool } = delivery;
  await spool.delivered();
  if (signal.aborted) return;
  try {
    await uploadAll(delivery, deps);
  } catch (error) {
    if (signal.aborted) return;
    deps.logger.error({ err: error, ...delivery.ref }, 'artifacts could not be handed over');
    await deps.outbox.post(withoutArtifacts(draft, error));
    return;
  }
  await deps.outbox.post(draft);
}

async function uploadAll(delivery: Delivery, deps: Deps): Promise<void> {
  const { output } = foldersOf(delivery.folder);
  const sent = new Set<string>();
  for (const artifact of delivery.draft.artifacts) {
    if (sent.has(artifact.sha256)) continue;
    const path = join(output, ...artifact.path.split('/'));
    await deps.transfers.upload(artifact, path, { token: delivery.token, signal: delivery.signal });
    sent.add(artifact.sha256);
  }
}

function withoutArtifacts(draft: Draft, error: unknown): Draft {
  const known = error instanceof AppError;
  const why = error instanceof Error ? error.message : String(error);
  const skipped = draft.artifacts.slice(0, 50).map((artifact: Artifact) => ({
    path: artifact.path,
    reason: 'not handed over',
  }));
  return {
    ...draft,
    state: draft.state === 'cancelled' ? 'cancelled' : 'failed',
    artifacts: [],
    skipped: [...draft.skipped.slice(0, 50), ...skipped],
    failure:
      draft.failure ??
      nodeFailure({
        cause: known ? 'platform' : 'node',
        code: known ? error.code : 'artifact_unreadable',
        message: `The job ended, but its files could not be handed over: ${why}`,
        ...(known ? { hint: error.hint } : {}),
      }),
  };
}
