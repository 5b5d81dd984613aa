import { executorFixture } from './executor-fixture.ts';

/** An agent with jobs of both kinds, for a test that kills it. */
const [, , stateDir = ''] = process.argv;
const jobs = await executorFixture({ stateDir });
const command = ['/bin/sh', '-c', 'trap "" TERM HUP; (setsid setsid sleep 76543 &) ; sleep 76543'];
const execution = await jobs.start(command);
execution.stdout.resume();
execution.stderr.resume();
await jobs.startScript('for (;;);');
await new Promise((resolve) => setTimeout(resolve, 300));
process.stdout.write('ready\n');
await execution.done;
