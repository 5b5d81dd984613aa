/** One instruction of classic BPF: `struct sock_filter` of linux/filter.h. */
export type Instruction = {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
};

const LOAD_WORD = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_AT_LEAST = 0x35;
const JUMP_ANY_BIT = 0x45;
const RETURN = 0x06;
/** The kernel refuses longer programs (BPF_MAXINSNS). */
const MAX_INSTRUCTIONS = 4096;
const MAX_JUMP = 255;

/** Reads 32 bits of `struct seccomp_data` at a byte offset. */
export const load = (offset: number): Instruction => ({ code: LOAD_WORD, jt: 0, jf: 0, k: offset });

export const give = (verdict: number): Instruction => ({ code: RETURN, jt: 0, jf: 0, k: verdict });

/** A jump with the two distances counted from the next instruction. */
const jump = (code: number, k: number, [jt, jf]: readonly [number, number]): Instruction => {
  if (jt > MAX_JUMP || jf > MAX_JUMP) throw new Error('a jump of the seccomp program is too long');
  return { code, jt, jf, k };
};

type Block = readonly Instruction[];

/** `then` when the loaded word equals `value`, else what follows the block. `then` must end by itself. */
export const ifEqual = (value: number, then: Block): Block => [
  jump(JUMP_EQUAL, value, [0, then.length]),
  ...then,
];

/** `then` when the loaded word differs from `value`, else what follows the block. `then` must end by itself. */
export const unlessEqual = (value: number, then: Block): Block => [
  jump(JUMP_EQUAL, value, [then.length, 0]),
  ...then,
];

export const ifAtLeast = (value: number, then: Block): Block => [
  jump(JUMP_AT_LEAST, value, [0, then.length]),
  ...then,
];

export const ifAnyBit = (mask: number, then: Block): Block => [
  jump(JUMP_ANY_BIT, mask, [0, then.length]),
  ...then,
];

/** Ends in `yes` when the loaded word is one of `values`, else in `no`: a binary search over their ranges. */
export function oneOf(values: readonly number[], yes: number, no: number): Block {
  const ranges: { from: number; to: number }[] = [];
  for (const value of [...new Set(values)].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.to === value) last.to = value + 1;
    else ranges.push({ from: value, to: value + 1 });
  }
  const edges = ranges.flatMap(({ from, to }) => [
    { at: from, verdict: yes },
    { at: to, verdict: no },
  ]);
  return search([{ at: 0, verdict: no }, ...edges.filter(({ at }) => at <= 0xffffffff)]);
}

function search(edges: readonly { at: number; verdict: number }[]): Block {
  const [first] = edges;
  if (!first) throw new Error('nothing to search');
  if (edges.length === 1) return [give(first.verdict)];
  const middle = Math.ceil(edges.length / 2);
  const below = search(edges.slice(0, middle));
  const pivot = edges[middle] as { at: number };
  return [jump(JUMP_AT_LEAST, pivot.at, [below.length, 0]), ...below, ...search(edges.slice(middle))];
}

/** The bytes that `bwrap --seccomp` and the kernel read. All machines we know of are little-endian. */
export function assemble(program: Block): Buffer {
  if (program.length > MAX_INSTRUCTIONS) throw new Error('the seccomp program is too long');
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach((instruction, index) => {
    const at = index * 8;
    bytes.writeUInt16LE(instruction.code, at);
    bytes.writeUInt8(instruction.jt, at + 2);
    bytes.writeUInt8(instruction.jf, at + 3);
    bytes.writeUInt32LE(instruction.k >>> 0, at + 4);
  });
  return bytes;
}
