import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { type ExecutorFixture, executorFixture, toEnd } from '../testing/executor-fixture.ts';

const MB = 1024 * 1024;
const small = { limits: { memoryBytes: 32 * MB } };

const kinds = { 'inside the sandbox': [], 'with no system program': ['sandbox', 'cgroups'] } as const;

for (const [kind, without] of Object.entries(kinds)) {
  describe(`a script ${kind}`, {
    skip: kind === 'inside the sandbox' && process.platform !== 'linux',
  }, () => {
    let jobs: ExecutorFixture;
    before(async () => {
      jobs = await executorFixture({ without });
    });
    after(() => jobs.close());

    it('takes JSON and files, prints, and gives back JSON and files', async () => {
      const ended = await jobs.script(
        `console.log('hi', input.n, [1, { a: 2 }]); console.error(env.E, env.S);
         const names = files.list().map((file) => file.path + ':' + file.size);
         output.writeText('deep/er/t.txt', files.readText('a.txt').toUpperCase());
         output.writeBytes('b.bin', files.readBytes('b.bin').reverse());
         return { names, sum: await Promise.resolve(input.n + 1) };`,
        {
          input: { n: 41 },
          files: { 'a.txt': 'grüße', 'b.bin': Buffer.from([1, 2, 255]) },
          environment: { E: 'e' },
          secrets: { S: 's' },
        },
      );
      assert.equal(ended.message, undefined);
      assert.equal(ended.end, 'exited');
      assert.equal(ended.exitCode, 0);
      assert.deepEqual(ended.result, { names: ['a.txt:7', 'b.bin:3'], sum: 42 });
      assert.equal(ended.stdout.toString(), 'hi 41 [1,{"a":2}]\n');
      assert.equal(ended.stderr, 'e s\n');
      assert.equal((await jobs.artifact(ended, 'deep/er/t.txt')).toString(), 'GRÜSSE');
      assert.deepEqual([...(await jobs.artifact(ended, 'b.bin'))], [255, 2, 1]);
    });

    it('without a return value has the result null', async () => {
      const ended = await jobs.script('const unused = 1;');
      assert.equal(ended.result, null);
    });

    it('fails with message and line of an uncaught error', async () => {
      const thrown = await jobs.script('const a = 1;\n\nnull.foo;');
      assert.equal(thrown.end, 'exited');
      assert.equal(thrown.exitCode, 1);
      assert.match(thrown.message ?? '', /^TypeError: .*foo.*\n.*script\.js:3/);
      assert.match(thrown.stderr, /script\.js:3/);
      const rejected = await jobs.script('await 1;\nthrow new RangeError("late")');
      assert.match(rejected.message ?? '', /RangeError: late\n.*script\.js:2/);
      const syntax = await jobs.script('let x = ;');
      assert.match(syntax.message ?? '', /SyntaxError/);
      assert.equal(syntax.exitCode, 1);
    });

    it('that waits for what never happens is told so', async () => {
      const ended = await jobs.script('await new Promise(() => {})');
      assert.match(ended.message ?? '', /never happens/);
    });

    it('has nothing of Node and no network', async () => {
      const ended = await jobs.script(
        'return [typeof process, typeof require, typeof fetch, typeof WebSocket, typeof setTimeout, typeof std, typeof os, typeof host]',
      );
      assert.deepEqual(ended.result, Array(8).fill('undefined'));
    });

    it('cannot import', async () => {
      for (const source of ['return await import("node:fs")', 'return await import("./child.ts")']) {
        const ended = await jobs.script(source);
        assert.equal(ended.exitCode, 1, JSON.stringify(ended.result));
      }
    });

    it('cannot reach out of its folders by a name', async () => {
      for (const name of ['../x', '/etc/x', 'a/../../x', '..', '.', '', 'a\\0b', 'a//b', './a']) {
        const written = await jobs.script(`output.writeText(${JSON.stringify(name)}, 'x')`);
        assert.equal(written.exitCode, 1, name);
        assert.match(written.message ?? '', /output name|could not be used/, name);
        const read = await jobs.script(`return files.readText(${JSON.stringify(name)})`);
        assert.equal(read.exitCode, 1, name);
      }
      assert.deepEqual(
        readdirSync(jobs.stateDir).filter((name) => name === 'x'),
        [],
      );
    });

    it('may catch a refused operation and go on', async () => {
      const ended = await jobs.script(
        "try { files.readText('none') } catch (error) { return error.message }",
      );
      assert.match(String(ended.result), /no input file/);
    });

    const bombs = {
      'Array.fill': 'const a = []; for (;;) a.push(new Array(1000).fill(1.5));',
      objects: 'const a = []; for (;;) a.push({ x: 1 });',
      'typed arrays': 'const a = []; for (;;) a.push(new Uint8Array(1e5));',
      strings: 'const a = []; for (let i = 0; ; i++) a.push(("x" + i).repeat(50000));',
      closures: 'let f = () => 0; for (;;) { const g = f; f = () => g; }',
    };
    for (const [name, source] of Object.entries(bombs))
      it(`of ${name} without end stops at its memory`, async () => {
        const ended = await jobs.script(source, small);
        assert.equal(ended.end, 'memory_limit', `${ended.message}`);
        assert.match(ended.message ?? '', /32 MiB of memory.*resources\.memoryMb/);
        assert.ok(ended.usage.maxMemoryBytes < 400 * MB, `${ended.usage.maxMemoryBytes}`);
      });

    it('that loops for ever is ended at its time', async () => {
      for (const source of [
        'for (;;);',
        'return /^(a+)+$/.test("a".repeat(40) + "b")',
        'for (;;) await 1;',
      ]) {
        const ended = await jobs.script(source, { limits: { runTimeoutMs: 300 } });
        assert.equal(ended.end, 'run_timeout', ended.message);
        assert.match(ended.message ?? '', /timeouts\.runSeconds/);
      }
    });

    it('that loops is ended when a person cancels it', async () => {
      const execution = await jobs.startScript('console.log("on"); for (;;);');
      await new Promise((resolve) => execution.stdout.once('readable', resolve));
      execution.cancel();
      const ended = await toEnd(execution);
      assert.equal(ended.end, 'cancelled');
    });

    it('cannot fill the disk of the node', async () => {
      const big = await jobs.script(
        'for (let i = 0; ; i++) output.writeBytes("f" + i, new Uint8Array(1e6))',
        small,
      );
      assert.equal(big.end, 'disk_limit');
      const many = await jobs.script('for (let i = 0; ; i++) output.writeText("d" + i + "/f", "")', small);
      assert.equal(many.end, 'disk_limit');
    });

    it('is held back while nobody reads what it prints, and loses none of it', async () => {
      const execution = await jobs.startScript(
        'for (let i = 0; i < 3000; i++) console.log("x".repeat(999));',
      );
      await new Promise((resolve) => setTimeout(resolve, 200));
      const ended = await toEnd(execution);
      assert.equal(ended.stdout.length, 3_000_000);
      assert.equal(ended.end, 'exited');
    });

    it('cannot poison the next one', async () => {
      await jobs.script('globalThis.left = 1; JSON.stringify = () => "evil"; Array.prototype.map = null;');
      const ended = await jobs.script('return typeof left + JSON.stringify([1].map(String))');
      assert.equal(ended.result, 'undefined["1"]');
    });

    it('that lies about JSON still gives a real result', async () => {
      const ended = await jobs.script('JSON.stringify = () => "{]"; return { a: 1 }');
      assert.deepEqual(ended.result, { a: 1 });
    });

    it('keeps its secrets out of the list of processes', async () => {
      const execution = await jobs.startScript('console.log("on"); for (;;);', {
        secrets: { K: 'very-secret-word' },
      });
      await new Promise((resolve) => execution.stdout.once('readable', resolve));
      const pids =
        process.platform === 'linux' ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : [];
      const seen = pids.filter((pid) => {
        try {
          const all =
            readFileSync(`/proc/${pid}/cmdline`, 'latin1') + readFileSync(`/proc/${pid}/environ`, 'latin1');
          return all.includes('very-secret-word');
        } catch {
          return false;
        }
      });
      execution.cancel();
      await toEnd(execution);
      assert.deepEqual(seen, []);
    });
  });
}
