import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ALLOWED } from './allowed.ts';
import { callNumbers, type FilterArch, seccompFilter } from './filter.ts';

const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const errno = (number: number): number => 0x00050000 + number;
const AUDIT = { x64: 0xc000003e, arm64: 0xc00000b7 } as const;

type Call = { readonly arch: number; readonly nr: number; readonly arg0?: number };

/** A small machine that runs the program as the kernel would. */
function verdict(program: Buffer, { arch, nr, arg0 = 0 }: Call): number {
  const words: Record<number, number> = { 0: nr, 4: arch, 16: arg0 };
  let accumulator = 0;
  for (let at = 0; at < program.length / 8; at += 1) {
    const code = program.readUInt16LE(at * 8);
    const [jt, jf] = [program.readUInt8(at * 8 + 2), program.readUInt8(at * 8 + 3)];
    const k = program.readUInt32LE(at * 8 + 4);
    if (code === 0x06) return k;
    if (code === 0x20) accumulator = words[k] ?? Number.NaN;
    else if (code === 0x15) at += accumulator === k ? jt : jf;
    else if (code === 0x35) at += accumulator >= k ? jt : jf;
    else if (code === 0x45) at += (accumulator & k) !== 0 ? jt : jf;
    else assert.fail(`unknown instruction ${code}`);
  }
  return assert.fail('the program does not end');
}

for (const arch of ['x64', 'arm64'] as FilterArch[]) {
  describe(`the system call filter on ${arch}`, () => {
    const program = seccompFilter(arch, { fixAffinity: false });
    const numbers = callNumbers(arch);
    const judge = (nr: number, arg0?: number): number =>
      verdict(program, { arch: AUDIT[arch], nr, ...(arg0 === undefined ? {} : { arg0 }) });
    const named = (name: string): number => numbers.get(name) as number;

    it('allows exactly the list, whatever number is tried', () => {
      const special = new Set(['clone', 'clone3', 'socket', 'personality']);
      const allowed = new Set([...ALLOWED, 'sched_setaffinity'].flatMap((name) => numbers.get(name) ?? []));
      for (const name of special) allowed.delete(named(name));
      const newest = Math.max(...numbers.values());
      for (let nr = 0; nr <= newest; nr += 1) {
        if ([...special].some((name) => named(name) === nr)) continue;
        assert.equal(judge(nr), allowed.has(nr) ? ALLOW : errno(1), `call ${nr}`);
      }
      for (const nr of [newest + 1, 5000, 0x3fffffff]) assert.equal(judge(nr), errno(38));
    });

    it('has the calls that every program needs', () => {
      for (const name of ['read', 'write', 'mmap', 'execve', 'exit_group', 'futex', 'openat', 'rseq'])
        assert.equal(judge(named(name)), ALLOW, name);
    });

    it('kills a process that speaks for another processor', () => {
      for (const other of [0x40000003, 0x40000028, 0])
        assert.equal(verdict(program, { arch: other, nr: 0 }), KILL);
    });

    it('looks at the arguments of socket, clone and personality', () => {
      for (const family of [1, 2, 10]) assert.equal(judge(named('socket'), family), ALLOW);
      for (const family of [0, 3, 9, 11, 16, 17, 38, 40, 0xffffffff])
        assert.equal(judge(named('socket'), family), errno(97), `family ${family}`);
      assert.equal(judge(named('clone'), 0x003d0f00), ALLOW);
      for (const flag of [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000])
        assert.equal(judge(named('clone'), flag | 17), errno(1), `flag ${flag}`);
      assert.equal(judge(named('clone3')), errno(38));
      for (const persona of [0, 8, 0x20000, 0x20008, 0xffffffff])
        assert.equal(judge(named('personality'), persona), ALLOW);
      for (const persona of [1, 7, 9, 0x0040000, 0xfffffffe])
        assert.equal(judge(named('personality'), persona), errno(22), `${persona}`);
    });

    it('keeps a job on its cores where no control group shares them out', () => {
      const nr = named('sched_setaffinity');
      const fixed = seccompFilter(arch, { fixAffinity: true });
      assert.equal(judge(nr), ALLOW);
      assert.equal(verdict(fixed, { arch: AUDIT[arch], nr }), errno(1));
    });
  });
}

it('the filter on x64 refuses every x32 number', () => {
  const program = seccompFilter('x64', { fixAffinity: false });
  for (let nr = 0; nr < 600; nr += 1)
    assert.equal(verdict(program, { arch: AUDIT.x64, nr: 0x40000000 + nr }), errno(38));
});
