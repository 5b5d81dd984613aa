import { openCgroupsV1 } from './cgroup-v1.ts';
import { openCgroupsV2 } from './cgroup-v2.ts';
import { type Cgroups, cgroupMounts, type GroupOwner } from './cgroups.ts';

/** Version 2 where it has the controllers, else version 1, else nothing: then a watchdog in the agent stands in. */
export async function openCgroups(owner: GroupOwner): Promise<Cgroups | undefined> {
  if (process.platform !== 'linux') return undefined;
  const mounts = await cgroupMounts();
  return (await openCgroupsV2(mounts, owner)) ?? (await openCgroupsV1(mounts, owner));
}
