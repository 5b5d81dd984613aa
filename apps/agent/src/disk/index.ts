/** Small things about files that several parts of the agent need: durable replacement, private folders, free space. */
export { freeBytes, isDiskFull } from './free-space.ts';
export { removeTree } from './remove-tree.ts';
export { ensurePrivateFolder, readTextIfThere, syncFolder, writeDurably } from './write-durably.ts';
