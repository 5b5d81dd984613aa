import { lstat, readlink } from 'node:fs/promises';
import { JOB_USER, type RuntimeFiles } from './runtime-files.ts';

/** Top-level folders that belong to /usr on a merged system; links there stay links, real folders are bound. */
const USR_LINKS = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];

/** Files outside of /usr that programs need and that tell nothing about the machine. */
const PUBLIC_FILES = [
  '/etc/ld.so.cache',
  '/etc/alternatives',
  '/etc/ssl/certs',
  '/etc/ssl/openssl.cnf',
  '/etc/ca-certificates',
  '/etc/pki/tls/certs',
  '/etc/pki/ca-trust',
  '/etc/localtime',
  '/etc/mime.types',
  '/etc/services',
  '/etc/protocols',
];

/** Host-wide tables below /proc that would tell about other people's work. */
const HIDDEN_PROC = ['/proc/keys', '/proc/key-users', '/proc/timer_list', '/proc/sched_debug'];

/** Folders of one attempt as bwrap sees them before it enters the sandbox. */
export type JobMounts = {
  readonly input: string;
  readonly output: string;
  readonly work: string;
  readonly tmp: string;
  readonly shm: string;
};

export type SandboxOptions = {
  readonly disableUserns: boolean;
  readonly unshareCgroup: boolean;
  readonly runtime: RuntimeFiles;
  readonly extraReadOnlyPaths: readonly string[];
};

/** The part of the arguments of bwrap that is the same for all jobs: namespaces and the machine's public files. */
export async function commonArguments(options: SandboxOptions): Promise<string[]> {
  const args = [
    ...['--unshare-user', '--unshare-pid', '--unshare-net', '--unshare-ipc', '--unshare-uts'],
    ...(options.unshareCgroup ? ['--unshare-cgroup'] : []),
    ...['--uid', String(JOB_USER.uid), '--gid', String(JOB_USER.gid), '--hostname', 'job'],
    ...(options.disableUserns ? ['--disable-userns'] : []),
    ...['--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--clearenv'],
    ...['--seccomp', '3', '--json-status-fd', '4'],
    ...['--ro-bind', '/usr', '/usr'],
  ];
  for (const path of USR_LINKS) args.push(...(await usrLink(path)));
  for (const path of PUBLIC_FILES) args.push('--ro-bind-try', path, path);
  for (const [inside, path] of Object.entries(options.runtime.etc)) args.push('--ro-bind', path, inside);
  for (const path of options.extraReadOnlyPaths) args.push('--ro-bind', path, path);
  // The host's /proc/sys is bound read-only over the new one: a job with uid 0 outside could write there.
  args.push('--proc', '/proc', '--ro-bind', '/proc/sys', '/proc/sys');
  for (const path of HIDDEN_PROC) if (await isThere(path)) args.push('--ro-bind', '/dev/null', path);
  return args;
}

/** Folders, then everything that bwrap itself made is closed for writing: those file systems have no limit. */
export function jobArguments(mounts: JobMounts): string[] {
  return [
    ...['--ro-bind', mounts.input, '/job/input', '--bind', mounts.output, '/job/output'],
    ...['--bind', mounts.work, '/job/work', '--bind', mounts.tmp, '/tmp', '--symlink', '/tmp', '/var/tmp'],
    ...['--dev', '/dev', '--bind', mounts.shm, '/dev/shm', '--remount-ro', '/dev'],
    ...['--remount-ro', '/', '--chdir', '/job/work'],
  ];
}

export function environmentArguments(environment: Readonly<Record<string, string>>): string[] {
  return Object.entries(environment).flatMap(([name, value]) => ['--setenv', name, value]);
}

/** What `bwrap --args FD` reads. Secrets travel so, and never stand in a list of processes. */
export const packArguments = (args: readonly string[]): string => args.map((arg) => `${arg}\0`).join('');

async function usrLink(path: string): Promise<string[]> {
  try {
    const found = await lstat(path);
    if (found.isSymbolicLink()) return ['--symlink', await readlink(path), path];
    return found.isDirectory() ? ['--ro-bind', path, path] : [];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
