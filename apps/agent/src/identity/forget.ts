import { join } from 'node:path';
import { removeTree } from '../disk/index.ts';
import { IDENTITY_FILE } from './identity.ts';
import { lockStateDir } from './lock.ts';
import { MEMBERSHIP_FILE } from './membership.ts';

/**
 * Forgets who this node was: key, orchestrator, outbox, what jobs left. The next join is a new node. What the owner
 * decided about limits stays. Throws while an agent uses the folder.
 */
export async function forgetNode(stateDir: string): Promise<void> {
  const lock = await lockStateDir(stateDir);
  try {
    for (const name of [IDENTITY_FILE, MEMBERSHIP_FILE, 'outbox', 'runs', 'cache'])
      await removeTree(join(stateDir, name));
  } finally {
    await lock.release();
  }
}
