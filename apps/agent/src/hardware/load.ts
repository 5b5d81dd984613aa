import { cpus, freemem, totalmem } from 'node:os';

/** Share of CPU and memory in use, 0 to 1, since the previous call. */
export function createLoadMeter(): () => { cpu: number; memory: number } {
  const read = () => {
    let busy = 0;
    let all = 0;
    for (const { times } of cpus()) {
      const sum = times.user + times.nice + times.sys + times.idle + times.irq;
      busy += sum - times.idle;
      all += sum;
    }
    return { busy, all };
  };
  let before = read();
  return () => {
    const now = read();
    const all = now.all - before.all;
    const cpu = all > 0 ? (now.busy - before.busy) / all : 0;
    before = now;
    const memory = 1 - freemem() / totalmem();
    return { cpu: Math.round(cpu * 1000) / 1000, memory: Math.round(memory * 1000) / 1000 };
  };
}
