import { join } from 'node:path';
import { AppError } from '@otherthing/protocol/errors';
import { z } from 'zod';
import { readTextIfThere, writeDurably } from '../disk/index.ts';

const MembershipFile = z.object({
  url: z.string(),
  /** Public key of the orchestrator, pinned from the join token or on first use. */
  orchestratorKey: z.string().optional(),
  /** Kept until the orchestrator confirmed the join. */
  joinToken: z.string().optional(),
  shareKey: z.string().optional(),
  name: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  /** Set with the first `registered`. */
  registeredAt: z.string().optional(),
  insecure: z.boolean().optional(),
});
export type Membership = z.infer<typeof MembershipFile>;

export const MEMBERSHIP_FILE = 'orchestrator.json';

/** What this node remembers of its orchestrator. `update` returns after the change is on disk. */
export type MembershipStore = {
  current(): Membership | undefined;
  update(change: Partial<Membership>): Promise<Membership>;
  /** Waits for the changes under way. */
  settled(): Promise<void>;
};

export async function openMembership(stateDir: string): Promise<MembershipStore> {
  const path = join(stateDir, MEMBERSHIP_FILE);
  let membership = parse(await readTextIfThere(path), path);
  let writing: Promise<void> = Promise.resolve();
  return {
    current: () => membership,
    settled: () => writing,
    async update(change) {
      const next = MembershipFile.parse({ ...membership, ...change });
      membership = next;
      const write = writing.then(() => writeDurably(path, `${JSON.stringify(next, null, 2)}\n`));
      // A failed write is reported to its own caller; the next one starts afresh.
      writing = write.catch(() => undefined);
      await write;
      return next;
    },
  };
}

function parse(text: string | undefined, path: string): Membership | undefined {
  if (text === undefined) return undefined;
  try {
    return MembershipFile.parse(JSON.parse(text));
  } catch (error) {
    throw new AppError('internal', {
      message: `What this node knows of its orchestrator cannot be read: ${path} is damaged.`,
      hint: 'Delete that file and join again.',
      cause: error,
    });
  }
}
