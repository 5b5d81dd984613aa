import { createHash } from 'node:crypto';
import { type BigIntStats, constants } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Artifact, MAX_ARTIFACTS } from '@otherthing/protocol/job-spec';
import { RelativePath } from '@otherthing/protocol/names';

export type Skipped = { readonly path: string; readonly reason: string };
export type Collected = { readonly artifacts: Artifact[]; readonly skipped: Skipped[] };
export type CollectOptions = {
  readonly maxBytes: number;
  readonly maxFiles?: number;
  readonly signal?: AbortSignal;
};

const MAX_SKIPPED = 100;
/** The list travels in one message. */
const MAX_LIST_BYTES = 2 * 1024 * 1024;
const utf8 = new TextDecoder('utf-8', { fatal: true });

type Found = { readonly path: string; readonly stat: BigIntStats };
type Walk = {
  readonly files: Found[];
  readonly skip: (path: string, reason: string) => void;
  readonly limit: number;
};

/**
 * The regular files a dead job left in its output folder, hashed and synced. Links, devices, pipes and sockets are
 * named and left out: what they point at belongs to the machine, not to the job.
 */
export async function collectArtifacts(folder: string, options: CollectOptions): Promise<Collected> {
  const skipped: Skipped[] = [];
  let more = 0;
  const skip = (path: string, reason: string) => {
    if (skipped.length < MAX_SKIPPED - 1) skipped.push({ path: path.slice(0, 1024), reason });
    else more += 1;
  };
  const maxFiles = options.maxFiles ?? MAX_ARTIFACTS;
  const walk: Walk = { files: [], skip, limit: maxFiles * 2 };
  await visit(folder, '', walk);
  walk.files.sort((a, b) => (a.path < b.path ? -1 : 1));
  const links = countLinks(walk.files);
  const artifacts: Artifact[] = [];
  let bytes = 0;
  let listBytes = 0;
  for (const file of walk.files) {
    options.signal?.throwIfAborted();
    const size = Number(file.stat.size);
    const entryBytes = Buffer.byteLength(file.path) + 128;
    if (file.stat.nlink > BigInt(links.get(inodeOf(file.stat)) ?? 0))
      skip(file.path, 'a hard link to a file outside of the output folder');
    else if (artifacts.length >= maxFiles || listBytes + entryBytes > MAX_LIST_BYTES)
      skip(file.path, `more than ${artifacts.length} files`);
    else if (bytes + size > options.maxBytes)
      skip(file.path, `the files are larger than ${options.maxBytes} bytes in all (diskMb)`);
    else {
      const artifact = await hash(join(folder, file.path), file);
      if (!artifact) skip(file.path, 'changed while it was read');
      else {
        artifacts.push(artifact);
        bytes += artifact.size;
        listBytes += entryBytes;
      }
    }
  }
  if (more > 0) skipped.push({ path: '…', reason: `and ${more} more` });
  return { artifacts, skipped };
}

const inodeOf = (stat: BigIntStats): string => `${stat.dev}:${stat.ino}`;

function countLinks(files: readonly Found[]): Map<string, number> {
  const links = new Map<string, number>();
  for (const file of files) links.set(inodeOf(file.stat), (links.get(inodeOf(file.stat)) ?? 0) + 1);
  return links;
}

async function visit(root: string, below: string, walk: Walk): Promise<void> {
  for (const raw of await readdir(join(root, below), { encoding: 'buffer' })) {
    const name = decodeName(raw);
    const path = below === '' ? (name ?? '') : `${below}/${name}`;
    if (name === undefined) walk.skip(`${below}/${raw.toString('latin1')}`, 'its name is not UTF-8');
    else if (!RelativePath.safeParse(path).success)
      walk.skip(printable(path), 'its name is too long or has characters that are not allowed');
    else await visitEntry(root, path, walk);
  }
}

async function visitEntry(root: string, path: string, walk: Walk): Promise<void> {
  const stat = await lstat(join(root, path), { bigint: true });
  if (stat.isDirectory()) await visit(root, path, walk);
  else if (!stat.isFile()) walk.skip(path, kindOf(stat));
  else if (walk.files.length >= walk.limit) walk.skip(path, 'far too many files');
  else walk.files.push({ path, stat });
}

function decodeName(raw: Buffer): string | undefined {
  try {
    return utf8.decode(raw);
  } catch {
    return undefined;
  }
}

const printable = (text: string): string => text.replace(/\p{Cc}/gu, '?');

function kindOf(stat: BigIntStats): string {
  if (stat.isSymbolicLink()) return 'a symbolic link';
  if (stat.isFIFO()) return 'a pipe';
  if (stat.isSocket()) return 'a socket';
  return 'a device';
}

/** Reads the very file that was looked at, or nothing: no link is followed, no pipe waited for. */
async function hash(path: string, found: Found): Promise<Artifact | undefined> {
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const file = await open(path, flags);
  try {
    const stat = await file.stat({ bigint: true });
    if (!stat.isFile() || inodeOf(stat) !== inodeOf(found.stat)) return undefined;
    const digest = createHash('sha256');
    let size = 0;
    for await (const chunk of file.createReadStream({ autoClose: false })) {
      digest.update(chunk as Buffer);
      size += (chunk as Buffer).length;
    }
    if (BigInt(size) !== stat.size) return undefined;
    await file.datasync();
    return {
      path: found.path,
      sha256: digest.digest('hex'),
      size,
      executable: (Number(stat.mode) & 0o111) !== 0,
    };
  } finally {
    await file.close();
  }
}
