import { executorFixture } from './executor-fixture.ts';

/** Runs one job of each kind under whatever user this is, and prints how that went. */
const [, , stateDir = ''] = process.argv;
const jobs = await executorFixture({ stateDir });
const [first] = await jobs.executors.probeAll();
const ended = await jobs.sh('id -u | tr "\\n" " "; cat $OT_INPUT/a; echo out > $OT_OUTPUT/o', {
  files: { a: 'in\n' },
});
const script = await jobs.script('return input + 1', { input: 2 });
const report = {
  isolation: first?.probe.available ? first.probe.isolation : first?.probe,
  stdout: ended.stdout.toString(),
  artifact: (await jobs.artifact(ended, 'o')).toString(),
  script: script.result,
};
process.stdout.write(JSON.stringify(report));
await jobs.close();
