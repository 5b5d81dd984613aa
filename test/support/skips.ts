import type { TestContext } from 'node:test';

/**
 * All that a test may leave out because a machine lacks it, each with the reason. With `CI=true` a test that skips for
 * anything else fails: a suite must not grow green by testing less.
 */
export const SKIPS = {
  'cgroup-v2':
    'This machine has no unified control group hierarchy with memory, cpu and pids that we may write.',
  'cgroup-v1': 'This machine has no version 1 control groups that we may write.',
  'loop-images': 'This machine has no loop devices or no ext4 to mount, as inside most containers.',
  root: 'The agent of this test must run as root.',
  gpu: 'This machine has no GPU.',
  windows: 'This is not Windows.',
  macos: 'This is not macOS.',
  linux: 'This is not Linux.',
  'bubblewrap-sandbox': 'No sandbox can be made here; the probe says why.',
} as const satisfies Record<string, string>;

export type SkipKey = keyof typeof SKIPS;

/** What every supported build machine has: skipping these in CI would hide a broken machine. */
const NEVER_IN_CI: readonly SkipKey[] = ['bubblewrap-sandbox'];

/** Skips the test with its listed reason; `detail` says what was found here. */
export function cannotRunHere(t: TestContext, key: SkipKey, detail?: string): void {
  const reason = SKIPS[key] as string | undefined;
  if (reason === undefined) throw new Error(`"${key}" is not in the list of what may be skipped`);
  if (process.env.CI === 'true' && NEVER_IN_CI.includes(key))
    throw new Error(`CI machines must be able to run this: ${reason} ${detail ?? ''}`);
  t.skip(detail === undefined ? reason : `${reason} (${detail})`);
}
