import { describe, expect, it } from 'vitest';

import { chosenFiles, portions, takeDropped, totalBytes, walkEntry } from './walk';

const fileOf = (name: string, size = 3): File => new File([new Uint8Array(size)], name);

function fileEntry(fullPath: string): FileSystemEntry {
  const name = fullPath.slice(fullPath.lastIndexOf('/') + 1);
  return { isFile: true, isDirectory: false, name, fullPath, file: (done: (file: File) => void) => done(fileOf(name)) } as unknown as FileSystemEntry;
}

/** Hands its children over in portions, as Chromium does with its hundreds. */
function folderEntry(fullPath: string, children: FileSystemEntry[], portion = 2): FileSystemEntry {
  const createReader = () => {
    let given = 0;
    return {
      readEntries: (done: (entries: FileSystemEntry[]) => void) => {
        const next = children.slice(given, given + portion);
        given += next.length;
        done(next);
      },
    };
  };
  return { isFile: false, isDirectory: true, name: fullPath, fullPath, createReader } as unknown as FileSystemEntry;
}

const named = (path: string, size = 3) => ({ file: fileOf(path, size), path });

describe('walking what was dropped', () => {
  it('finds every file of every folder, however many portions a folder comes in', async () => {
    const slices = Array.from({ length: 7 }, (_, index) => fileEntry(`/STS/CT/${index}.dcm`));
    const root = folderEntry('/STS', [folderEntry('/STS/CT', slices), fileEntry('/STS/rt.dcm'), folderEntry('/STS/empty', [])]);
    const found = await walkEntry(root);
    expect(found.map((file) => file.path).sort()).toEqual(
      [...slices.map((_, index) => `STS/CT/${index}.dcm`), 'STS/rt.dcm'].sort(),
    );
  });

  it('takes files and folders together, and files that lie in no folder of a disk', async () => {
    const item = (kind: string, entry: FileSystemEntry | null, file: File | null = null) => ({ kind, webkitGetAsEntry: () => entry, getAsFile: () => file });
    const items = [
      item('file', fileEntry('/a.zip')),
      item('string', null),
      item('file', folderEntry('/b', [fileEntry('/b/1')])),
      item('file', null, fileOf('from-mail.dcm')),
    ];
    const find = takeDropped({ items: items as unknown as DataTransferItemList });
    // The browser empties the list once the event is over.
    items.length = 0;
    expect((await find()).map((file) => file.path)).toEqual(['a.zip', 'b/1', 'from-mail.dcm']);
  });

  it('leaves the litter of desktops behind, but no file that might be DICOM', async () => {
    const names = ['/x/.DS_Store', '/x/Thumbs.db', '/x/__MACOSX/1.dcm', '/x/IM0001', '/x/.hidden.dcm'];
    const found = await walkEntry(folderEntry('/x', names.map(fileEntry)));
    expect(found.map((file) => file.path)).toEqual(['x/IM0001', 'x/.hidden.dcm']);
  });

  it('passes on that a folder could not be read', async () => {
    const broken = {
      isFile: false,
      isDirectory: true,
      fullPath: '/x',
      createReader: () => ({ readEntries: (_: unknown, fail: (e: Error) => void) => fail(new Error('no right to read')) }),
    } as unknown as FileSystemEntry;
    await expect(walkEntry(broken)).rejects.toThrow('no right to read');
  });

  it('uses the path inside a chosen folder, or else the name', () => {
    const inFolder = fileOf('1.dcm');
    Object.defineProperty(inFolder, 'webkitRelativePath', { value: 'STS/CT/1.dcm' });
    const list = [inFolder, fileOf('b.zip')] as unknown as FileList;
    expect(chosenFiles(list).map((file) => file.path)).toEqual(['STS/CT/1.dcm', 'b.zip']);
    expect(chosenFiles(null)).toEqual([]);
  });
});

describe('portions of an upload', () => {
  it('hold at most so many files', () => {
    const files = Array.from({ length: 5 }, (_, index) => named(`${index}`));
    expect(portions(files, 2).map((portion) => portion.map((file) => file.path))).toEqual([['0', '1'], ['2', '3'], ['4']]);
  });

  it('hold at most so many bytes; a larger file goes alone', () => {
    const files = [named('a', 4), named('big', 50), named('b', 4), named('c', 6), named('d', 1)];
    expect(portions(files, 100, 10).map((portion) => portion.map((file) => file.path))).toEqual([['a'], ['big'], ['b', 'c'], ['d']]);
  });

  it('lose nothing and keep the order', () => {
    const files = Array.from({ length: 23 }, (_, index) => named(`${index}`, index));
    expect(portions(files, 4, 30).flat()).toEqual(files);
    expect(totalBytes(files)).toBe(253);
    expect(portions([])).toEqual([]);
  });
});
