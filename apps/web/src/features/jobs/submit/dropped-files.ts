export type PickedFile = { readonly path: string; readonly file: File };

/** Files of a drop with their paths, folders read to the bottom. */
export async function droppedFiles(transfer: DataTransfer): Promise<PickedFile[]> {
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry?.()).filter(
    (entry) => entry != null,
  );
  if (entries.length === 0) return pickedFiles(transfer.files);
  const found = await Promise.all(entries.map((entry) => readEntry(entry, '')));
  return found.flat();
}

/** Files of a file field; those of a chosen folder carry their path below it. */
export function pickedFiles(files: FileList | readonly File[]): PickedFile[] {
  return Array.from(files, (file) => ({ path: withoutRoot(file.webkitRelativePath) || file.name, file }));
}

const withoutRoot = (path: string) => path.split('/').slice(1).join('/');

/** `depth` 0 is what was dropped itself: the files of a dropped folder stand at the top of the job's input folder. */
async function readEntry(entry: FileSystemEntry, folder: string, depth = 0): Promise<PickedFile[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    return [{ path: folder + entry.name, file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const below = depth === 0 ? '' : `${folder}${entry.name}/`;
  const found: PickedFile[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return found;
    for (const each of some) found.push(...(await readEntry(each, below, depth + 1)));
  }
}
