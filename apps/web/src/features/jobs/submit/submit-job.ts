import { jobs } from '@otherthing/protocol/http';
import type { JobSpecInput } from '@otherthing/protocol/job-spec';
import { api } from '../../../app/api.ts';
import { randomKey } from './random-key.ts';

/** Submits one job and returns its id. `key` makes a repeat of the same press harmless. */
export async function submitJob(workspaceId: string, spec: JobSpecInput, key = randomKey()): Promise<string> {
  const { ids } = await api.call(jobs.postJobs, {
    params: { workspaceId },
    body: { jobs: [spec] },
    headers: { 'idempotency-key': key },
  });
  const [id] = ids;
  if (!id) throw new Error('the reply has no job');
  return id;
}
