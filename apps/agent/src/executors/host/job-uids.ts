import { createHash } from 'node:crypto';

/**
 * Users of jobs of a root agent: numbers far above people, system services, and what useradd hands out as subordinate
 * ids. Each attempt that runs has one of its own, so that no job can touch another one's processes or files.
 */
const FIRST = 1_200_000_000;
const PER_AGENT = 1024;
const AGENTS = 4096;

export type JobUids = { take(): number; giveBack(uid: number): void };

export function createJobUids(stateDir: string): JobUids {
  const hash = createHash('sha256').update(stateDir).digest().readUInt16LE(0) % AGENTS;
  const first = FIRST + hash * PER_AGENT;
  const taken = new Set<number>();
  return {
    take() {
      for (let uid = first; uid < first + PER_AGENT; uid += 1) {
        if (taken.has(uid)) continue;
        taken.add(uid);
        return uid;
      }
      throw new Error(`more than ${PER_AGENT} jobs at once`);
    },
    giveBack(uid) {
      taken.delete(uid);
    },
  };
}
