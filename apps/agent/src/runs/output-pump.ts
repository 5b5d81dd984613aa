import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import {
  encodeRecord,
  FRAME_HEADER_BYTES,
  MAX_FRAME_BYTES,
  MAX_OUTPUT_BYTES,
  type OutputStream,
  RECORD_HEADER_BYTES,
} from '@otherthing/protocol/output';
import type { Clock, Logger } from '@otherthing/runtime';
import { createRedactor } from './redact.ts';
import type { Spool } from './spool.ts';

const MAX_PAYLOAD_BYTES = MAX_FRAME_BYTES - FRAME_HEADER_BYTES - RECORD_HEADER_BYTES;
const RETRY_WRITE_MS = 1000;

export type OutputPump = {
  /** Reads a stream of the job to its end, no faster than the spool takes it. Never rejects. */
  read(stream: Readable, as: 'stdout' | 'stderr'): Promise<void>;
  /** A sentence by OtherThing itself, also beyond the cap. */
  notice(text: string): Promise<void>;
  cutBytes(): number;
};

export type OutputPumpOptions = {
  readonly spool: Spool;
  readonly secrets: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Kept per attempt; the rest is counted. */
  readonly capBytes?: number;
};

/** Pipe -> redaction -> records -> spool. */
export function createOutputPump(options: OutputPumpOptions): OutputPump {
  const { spool, clock } = options;
  const capBytes = options.capBytes ?? MAX_OUTPUT_BYTES;
  let cut = 0;
  let turn: Promise<void> = Promise.resolve();

  const append = async (records: Uint8Array): Promise<void> => {
    await spool.room();
    for (;;) {
      try {
        return await spool.append(records);
      } catch (error) {
        // The job waits with its pipe full until there is room; nothing of its output is lost.
        options.logger.warn({ err: error }, 'output cannot be written; the job waits');
        await setTimeout(RETRY_WRITE_MS);
      }
    }
  };
  /** Two streams write to one spool: in turn. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    turn = turn.then(work);
    return turn;
  };
  const record = (stream: OutputStream, payload: Uint8Array): Uint8Array =>
    encodeRecord({ stream, time: clock.now(), payload });

  const write = (stream: OutputStream, payload: Uint8Array): Promise<void> =>
    inTurn(async () => {
      if (payload.length === 0) return;
      if (cut > 0 || spool.end + payload.length > capBytes) {
        if (cut === 0) await append(record('notice', Buffer.from(cutNotice(capBytes))));
        cut += payload.length;
        return;
      }
      for (const piece of piecesOf(payload)) await append(record(stream, piece));
    });

  return {
    cutBytes: () => cut,
    notice: (text) => inTurn(() => append(record('notice', Buffer.from(`${text}\n`)))),
    async read(stream, as) {
      if (stream.readableEnded) return;
      const redactor = createRedactor(options.secrets);
      try {
        for await (const chunk of stream as AsyncIterable<Buffer | string>) {
          const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
          await write(as, redactor ? redactor.push(bytes) : bytes);
        }
      } catch (error) {
        options.logger.warn({ err: error, stream: as }, 'output ended early');
      }
      if (redactor) await write(as, redactor.flush());
    },
  };
}

function cutNotice(capBytes: number): string {
  const mib = Math.max(1, Math.round(capBytes / 1024 / 1024));
  return `Output beyond ${mib} MiB is not kept. The job runs on; what it prints from here on is only counted.\n`;
}

/** Payloads of about equal size, each small enough for one record. */
function piecesOf(payload: Uint8Array): Uint8Array[] {
  const count = Math.ceil(payload.length / MAX_PAYLOAD_BYTES);
  const size = Math.ceil(payload.length / count);
  return Array.from({ length: count }, (_, index) => payload.subarray(index * size, (index + 1) * size));
}
