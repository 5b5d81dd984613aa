import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { chmod, link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Sealing: AES-256-GCM under a data key derived from a master key by HKDF-SHA256, with the context (what it is and
 * whose) as additional data, so that a sealed value moved to another row does not open.
 *
 *   byte 0      format, 1
 *   bytes 1-4   version of the master key, unsigned big endian
 *   bytes 5-16  nonce
 *   bytes 17-32 authentication tag
 *   bytes 33-   ciphertext
 */
export type Keyring = {
  /** `context` names purpose and owner, for example `swarm-key:ws-...`. */
  seal(plain: string | Uint8Array, context: string): Buffer;
  /** Throws when the key is missing, the bytes were changed, or the context is another one. */
  open(sealed: Uint8Array, context: string): Buffer;
  /** HMAC-SHA256 under a key of its own, for tokens that need no table. */
  sign(text: string, purpose: string): string;
  verify(text: string, options: { purpose: string; signature: string }): boolean;
};

type MasterKeys = { readonly current: number; readonly keys: ReadonlyMap<number, Buffer> };

/** Reads the master keys (lines `version hex`, the last one is current; mode 0600), or makes the first one. */
export async function createKeyring(file: string): Promise<Keyring> {
  const master = parseKeys(await readOrCreate(file), file);
  const derived = new Map<string, Buffer>();
  const derive = (version: number, purpose: string) => {
    const name = `${version} ${purpose}`;
    const known = derived.get(name);
    if (known) return known;
    const key = master.keys.get(version);
    if (!key) throw new Error(`master key version ${version} is not in ${file}`);
    const fresh = Buffer.from(hkdfSync('sha256', key, '', `otherthing ${purpose}`, 32));
    derived.set(name, fresh);
    return fresh;
  };
  return {
    seal: (plain, context) =>
      seal({ key: derive(master.current, 'seal'), version: master.current, plain, context }),
    open: (sealed, context) => unseal(sealed, context, (version) => derive(version, 'seal')),
    sign: (text, purpose) =>
      createHmac('sha256', derive(master.current, `sign ${purpose}`))
        .update(text)
        .digest('base64url'),
    verify: (text, { purpose, signature }) => {
      const given = Buffer.from(signature);
      return [...master.keys.keys()].some((version) => {
        const right = Buffer.from(
          createHmac('sha256', derive(version, `sign ${purpose}`))
            .update(text)
            .digest('base64url'),
        );
        return right.length === given.length && timingSafeEqual(right, given);
      });
    },
  };
}

function seal(parts: { key: Buffer; version: number; plain: string | Uint8Array; context: string }): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', parts.key, nonce);
  cipher.setAAD(Buffer.from(parts.context));
  const body = Buffer.concat([cipher.update(parts.plain), cipher.final()]);
  const head = Buffer.alloc(5);
  head.writeUInt8(1, 0);
  head.writeUInt32BE(parts.version, 1);
  return Buffer.concat([head, nonce, cipher.getAuthTag(), body]);
}

function unseal(sealed: Uint8Array, context: string, key: (version: number) => Buffer): Buffer {
  const bytes = Buffer.from(sealed);
  if (bytes.length < 33 || bytes[0] !== 1) throw new Error('not a sealed value');
  const decipher = createDecipheriv('aes-256-gcm', key(bytes.readUInt32BE(1)), bytes.subarray(5, 17));
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(bytes.subarray(17, 33));
  return Buffer.concat([decipher.update(bytes.subarray(33)), decipher.final()]);
}

function parseKeys(text: string, file: string): MasterKeys {
  const keys = new Map<number, Buffer>();
  let current = 0;
  for (const line of text.split('\n').filter((part) => part.trim() !== '')) {
    const match = /^(\d{1,9}) ([0-9a-f]{64})$/.exec(line.trim());
    if (!match) throw new Error(`${file}: a line is not "version key"`);
    current = Number(match[1]);
    keys.set(current, Buffer.from(match[2]!, 'hex'));
  }
  if (current === 0) throw new Error(`${file}: no key in it`);
  return { current, keys };
}

/** Two processes that start at once end up with the same key: the file appears by `link`, whole or not at all. */
async function readOrCreate(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${randomBytes(6).toString('hex')}`;
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(`1 ${randomBytes(32).toString('hex')}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await link(temporary, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(temporary);
  await chmod(file, 0o600);
  return readFile(file, 'utf8');
}
