/** A mounted file system as systeminformation tells it. */
export type MountedDrive = {
  readonly fs: string;
  readonly type: string;
  readonly size: number;
  readonly available?: number;
  readonly mount: string;
};

const NO_DRIVE = /^(?:\/dev\/)?(?:loop|zram|ram|sr)\d/;
const NO_FILE_SYSTEM =
  /^(?:tmpfs|devtmpfs|squashfs|iso9660|overlay|proc|sysfs|cgroup2?|ramfs|efivarfs|autofs)$/i;
const GIB = 1024 ** 3;

/** Room on real drives: memory disks, images, zero-size entries and second mounts of one drive do not count. */
export function summarizeDrives(drives: readonly MountedDrive[]): { total_gb: number; free_gb: number } {
  const byDevice = new Map<string, MountedDrive>();
  for (const drive of drives) {
    if (!(drive.size > 0) || NO_DRIVE.test(drive.fs) || NO_FILE_SYSTEM.test(drive.type)) continue;
    if (!byDevice.has(drive.fs)) byDevice.set(drive.fs, drive);
  }
  const sum = (size: (drive: MountedDrive) => number) =>
    Math.round(([...byDevice.values()].reduce((total, drive) => total + size(drive), 0) / GIB) * 10) / 10;
  return { total_gb: sum((drive) => drive.size), free_gb: sum((drive) => drive.available ?? 0) };
}
