import type { JobSpecInput, StoredJobSpec } from '@otherthing/protocol/job-spec';

/** A stored job as a new one. Values of secrets are not known any more, so only jobs without them can be repeated as they are. */
export function respec(spec: StoredJobSpec): JobSpecInput {
  const { secrets, ...rest } = spec;
  if (secrets.length > 0) throw new Error('The secrets of this job have to be typed again.');
  return rest as JobSpecInput;
}
