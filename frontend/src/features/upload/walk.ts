import type { NamedFile } from '../../api/endpoints/imports';

/** Files a desktop leaves behind in folders; nobody meant to send them. */
const LITTER = new Set(['.DS_Store', 'Thumbs.db', 'desktop.ini']);

const isWanted = ({ path }: NamedFile): boolean =>
  !LITTER.has(path.slice(path.lastIndexOf('/') + 1)) && !path.split('/').includes('__MACOSX');

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

function nextEntries(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  return new Promise((resolve, reject) => reader.readEntries(resolve, reject));
}

/** A browser hands over a folder in portions (Chromium: 100); an empty portion is the end. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const entries: FileSystemEntry[] = [];
  for (let portion = await nextEntries(reader); portion.length > 0; portion = await nextEntries(reader)) {
    entries.push(...portion);
  }
  return entries;
}

const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;
const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;

/** All files below an entry, with their paths from what was dropped. */
export async function walkEntry(entry: FileSystemEntry): Promise<NamedFile[]> {
  const found: NamedFile[] = [];
  const waiting: FileSystemEntry[] = [entry];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (isFile(next)) found.push({ file: await fileOf(next), path: next.fullPath.replace(/^\//, '') });
    else if (isFolder(next)) waiting.unshift(...(await entriesOf(next)));
  }
  return found.filter(isWanted);
}

/**
 * What was dropped, as something to be walked later. Must be called in the drop event itself: the browser
 * empties the list after it. An item that is no entry of a file system (dragged out of a mail, say) is a file.
 */
export function takeDropped(transfer: Pick<DataTransfer, 'items'>): () => Promise<NamedFile[]> {
  const taken = [...transfer.items]
    .filter((item) => item.kind === 'file')
    .map((item) => item.webkitGetAsEntry() ?? item.getAsFile())
    .filter((one) => one !== null);
  return async () => {
    const found: NamedFile[] = [];
    for (const one of taken) {
      if (one instanceof File) found.push({ file: one, path: one.name });
      else found.push(...(await walkEntry(one)));
    }
    return found.filter(isWanted);
  };
}

/** What was chosen in a file or folder dialog. */
export function chosenFiles(list: FileList | null): NamedFile[] {
  return [...(list ?? [])].map((file) => ({ file, path: file.webkitRelativePath || file.name })).filter(isWanted);
}

/** One request each: at most so many files and bytes, a larger file alone. Order is kept. */
export function portions(files: readonly NamedFile[], maxFiles = 100, maxBytes = 32 * 2 ** 20): NamedFile[][] {
  const result: NamedFile[][] = [];
  let current: NamedFile[] = [];
  let bytes = 0;
  for (const file of files) {
    if (current.length > 0 && (current.length >= maxFiles || bytes + file.file.size > maxBytes)) {
      result.push(current);
      current = [];
      bytes = 0;
    }
    current.push(file);
    bytes += file.file.size;
  }
  if (current.length > 0) result.push(current);
  return result;
}

export const totalBytes = (files: readonly NamedFile[]): number => files.reduce((sum, { file }) => sum + file.size, 0);
