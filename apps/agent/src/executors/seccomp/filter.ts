import { ALLOWED } from './allowed.ts';
import { assemble, give, ifAnyBit, ifAtLeast, ifEqual, load, oneOf, unlessEqual } from './bpf.ts';
import { ARM64 } from './syscalls-arm64.ts';
import { X64 } from './syscalls-x64.ts';

const RET_KILL_PROCESS = 0x80000000;
const RET_ALLOW = 0x7fff0000;
const refuse = (errno: number): number => 0x00050000 | errno;

const EPERM = 1;
const EINVAL = 22;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

/** Offsets in `struct seccomp_data`. */
const NR = 0;
const ARCH = 4;
const ARG0_LOW = 16;

const X32_BIT = 0x40000000;
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const CLONE_NEW_ANY = 0x7e020000;
const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
/** What Docker allows: PER_LINUX, PER_LINUX32, with UNAME26, and asking. */
const PERSONALITIES = [0, 8, 0x20000, 0x20008, 0xffffffff];

const ARCHITECTURES = {
  x64: { audit: 0xc000003e, calls: X64 },
  arm64: { audit: 0xc00000b7, calls: ARM64 },
} as const;

export type FilterArch = keyof typeof ARCHITECTURES;

export const filterArch = (arch: string): FilterArch | undefined =>
  arch === 'x64' || arch === 'arm64' ? arch : undefined;

export type FilterOptions = {
  /**
   * Without a cgroup the cores a job may use are kept by its CPU affinity, which it then must not change.
   */
  readonly fixAffinity: boolean;
};

/** Name to number of the calls that the filter speaks of. */
export function callNumbers(arch: FilterArch): ReadonlyMap<string, number> {
  const pairs = ARCHITECTURES[arch].calls.trim().split(/\s+/);
  return new Map(
    pairs.map((pair) => {
      const [name = '', number] = pair.split(':');
      return [name, Number(number)];
    }),
  );
}

/**
 * The seccomp program of a job, as the bytes the kernel takes. An allow-list: anything else is refused with EPERM, calls
 * newer than the list with ENOSYS so that the C library falls back to older ones. Another architecture's calls kill.
 */
export function seccompFilter(arch: FilterArch, options: FilterOptions): Buffer {
  const calls = callNumbers(arch);
  const number = (name: string): number => {
    const found = calls.get(name);
    if (found === undefined) throw new Error(`no number of the system call ${name}`);
    return found;
  };
  const names = options.fixAffinity ? ALLOWED : [...ALLOWED, 'sched_setaffinity'];
  const allowed = names.flatMap((name) => calls.get(name) ?? []);
  const newest = Math.max(...calls.values());
  return assemble([
    load(ARCH),
    ...unlessEqual(ARCHITECTURES[arch].audit, [give(RET_KILL_PROCESS)]),
    load(NR),
    ...(arch === 'x64' ? ifAtLeast(X32_BIT, [give(refuse(ENOSYS))]) : []),
    ...ifAtLeast(newest + 1, [give(refuse(ENOSYS))]),
    // Its flags lie in memory where a filter cannot look.
    ...ifEqual(number('clone3'), [give(refuse(ENOSYS))]),
    ...ifEqual(number('clone'), [
      load(ARG0_LOW),
      ...ifAnyBit(CLONE_NEW_ANY, [give(refuse(EPERM))]),
      give(RET_ALLOW),
    ]),
    // Anything but these can reach the host or its hypervisor past an empty network namespace (AF_VSOCK did).
    ...ifEqual(number('socket'), [
      load(ARG0_LOW),
      ...oneOf([AF_UNIX, AF_INET, AF_INET6], RET_ALLOW, refuse(EAFNOSUPPORT)),
    ]),
    ...ifEqual(number('personality'), [load(ARG0_LOW), ...oneOf(PERSONALITIES, RET_ALLOW, refuse(EINVAL))]),
    ...oneOf(allowed, RET_ALLOW, refuse(EPERM)),
  ]);
}
