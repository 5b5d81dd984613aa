import { executorFixture } from './executor-fixture.ts';

/** Lists what a job of each agent sees open, for a test that starts it with descriptors too many. */
const [, , stateDir = ''] = process.argv;
const jobs = await executorFixture({ stateDir });
const ended = await jobs.sh('for f in /proc/$$/fd/*; do readlink $f; done');
process.stdout.write(ended.stdout);
await jobs.close();
