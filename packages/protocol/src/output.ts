/**
 * Job output is one stream of records per attempt, in the order the agent read them:
 *
 *   byte 0      tag: 1 stdout, 2 stderr, 3 notice (a sentence by OtherThing itself)
 *   byte 1      reserved, 0
 *   bytes 2-7   time, milliseconds since 1970, unsigned big endian (48 bits)
 *   bytes 8-11  length of the payload in bytes, unsigned big endian
 *   bytes 12-   payload, raw bytes as the job wrote them
 *
 * Positions in the stream are byte offsets; readers continue at the offset a reply named, which is always the start
 * of a record. Agents send it in binary WebSocket frames of at most 64 KiB that hold whole records:
 *
 *   byte 0      1 (output)
 *   bytes 1-4   channel, as opened with `output_open`
 *   bytes 5-12  offset of the first record in the attempt's stream, unsigned big endian
 *   bytes 13-   records
 */
export const RECORD_HEADER_BYTES = 12;
export const FRAME_HEADER_BYTES = 13;
export const MAX_FRAME_BYTES = 64 * 1024;
/** Unacknowledged output an agent may have on the wire, over all channels of a socket. */
export const MAX_OUTPUT_IN_FLIGHT_BYTES = 256 * 1024;
/** Output kept per attempt; what comes after is counted and cut. */
export const MAX_OUTPUT_BYTES = 1024 * 1024 * 1024;

export const OUTPUT_TAGS = { stdout: 1, stderr: 2, notice: 3 } as const;
export type OutputStream = keyof typeof OUTPUT_TAGS;

export type OutputRecord = {
  readonly stream: OutputStream;
  readonly time: number;
  readonly payload: Uint8Array;
};

const STREAM_OF_TAG = new Map<number, OutputStream>([
  [1, 'stdout'],
  [2, 'stderr'],
  [3, 'notice'],
]);

/** One record as bytes. `payload` must be at most `MAX_FRAME_BYTES - FRAME_HEADER_BYTES - RECORD_HEADER_BYTES`. */
export function encodeRecord(record: OutputRecord): Uint8Array {
  const bytes = new Uint8Array(RECORD_HEADER_BYTES + record.payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, OUTPUT_TAGS[record.stream]);
  view.setUint16(2, Math.floor(record.time / 0x1_0000_0000));
  view.setUint32(4, record.time % 0x1_0000_0000);
  view.setUint32(8, record.payload.length);
  bytes.set(record.payload, RECORD_HEADER_BYTES);
  return bytes;
}

export type DecodedOutput = {
  readonly records: OutputRecord[];
  /** Bytes consumed; a rest that is not a whole record yet is left to the caller. */
  readonly consumed: number;
};

/** The whole records at the start of `bytes`. Throws a `RangeError` when the bytes cannot be a record stream. */
export function decodeRecords(bytes: Uint8Array): DecodedOutput {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: OutputRecord[] = [];
  let at = 0;
  while (at + RECORD_HEADER_BYTES <= bytes.length) {
    const stream = STREAM_OF_TAG.get(view.getUint8(at));
    const length = view.getUint32(at + 8);
    if (!stream || length > MAX_FRAME_BYTES) throw new RangeError(`not an output record at byte ${at}`);
    const end = at + RECORD_HEADER_BYTES + length;
    if (end > bytes.length) break;
    const time = view.getUint16(at + 2) * 0x1_0000_0000 + view.getUint32(at + 4);
    records.push({ stream, time, payload: bytes.subarray(at + RECORD_HEADER_BYTES, end) });
    at = end;
  }
  return { records, consumed: at };
}

export type OutputFrame = { readonly channel: number; readonly offset: number; readonly records: Uint8Array };

export function encodeFrame(frame: OutputFrame): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + frame.records.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 1);
  view.setUint32(1, frame.channel);
  view.setBigUint64(5, BigInt(frame.offset));
  bytes.set(frame.records, FRAME_HEADER_BYTES);
  return bytes;
}

/** Throws a `RangeError` for anything that is not an output frame holding whole records. */
export function decodeFrame(bytes: Uint8Array): OutputFrame {
  if (bytes.length < FRAME_HEADER_BYTES || bytes[0] !== 1) throw new RangeError('not an output frame');
  if (bytes.length > MAX_FRAME_BYTES) throw new RangeError('frame too large');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const offset = Number(view.getBigUint64(5));
  if (!Number.isSafeInteger(offset)) throw new RangeError('offset out of range');
  const records = bytes.subarray(FRAME_HEADER_BYTES);
  if (decodeRecords(records).consumed !== records.length) throw new RangeError('frame ends inside a record');
  return { channel: view.getUint32(1), offset, records };
}
