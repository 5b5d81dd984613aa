import { randomUUID } from 'node:crypto';
import { chmod, mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FilterOptions, filterArch, seccompFilter } from '../seccomp/filter.ts';

/** Inside, every job is this user, whatever its number outside. */
export const JOB_USER = { name: 'job', uid: 1000, gid: 1000 } as const;

export type RuntimeFiles = {
  /** Files for the job's /etc, by their path inside. */
  readonly etc: Readonly<Record<string, string>>;
  readonly seccomp: string;
  /** Where the launcher of a root agent gathers what belongs to one attempt, in a mount namespace of its own. */
  readonly stage: string;
  /** What disks of jobs begin with, by user. */
  readonly templates: string;
};

/** Empty folders to mount on: each attempt sees its own mounts there, the machine sees none. */
const STAGE_FOLDERS = ['input', 'disk', 'output', 'work', 'tmp', 'shm'];

const ETC = {
  passwd: `root:x:0:0:root:/nonexistent:/usr/sbin/nologin\n${JOB_USER.name}:x:${JOB_USER.uid}:${JOB_USER.gid}:job:/job/work:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n`,
  group: `root:x:0:\n${JOB_USER.name}:x:${JOB_USER.gid}:\nnogroup:x:65534:\n`,
  hosts: '127.0.0.1 localhost job\n::1 localhost ip6-localhost ip6-loopback\n',
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
};

/**
 * What all jobs share: a synthetic /etc and the seccomp program. A root agent keeps it in /run, where the users of jobs
 * can look; nothing of it is secret, and only root can write it.
 */
export async function writeRuntimeFiles(folder: string, filter: FilterOptions): Promise<RuntimeFiles> {
  await makePublicFolder(folder);
  const stage = join(folder, 'stage');
  for (const path of [stage, ...STAGE_FOLDERS.map((name) => join(stage, name))]) await makePublicFolder(path);
  const templates = join(folder, 'templates');
  for (const path of [templates, join(folder, 'etc')]) await makePublicFolder(path);
  const etc: Record<string, string> = {};
  for (const [name, text] of Object.entries(ETC)) {
    const path = join(folder, 'etc', name);
    await replaceFile(path, text);
    etc[`/etc/${name}`] = path;
  }
  const arch = filterArch(process.arch);
  if (!arch) throw new Error(`there is no seccomp program for ${process.arch}`);
  const seccomp = join(folder, filter.fixAffinity ? 'seccomp-fixed-cpus.bpf' : 'seccomp.bpf');
  await replaceFile(seccomp, seccompFilter(arch, filter));
  return { etc, seccomp, stage, templates };
}

async function makePublicFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  const { uid } = await stat(path);
  if (uid !== process.getuid?.()) throw new Error(`${path} belongs to another user`);
  await chmod(path, 0o755);
}

async function replaceFile(path: string, content: string | Buffer): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, content, { mode: 0o644, flag: 'wx' });
  await chmod(draft, 0o644);
  await rename(draft, path);
}
