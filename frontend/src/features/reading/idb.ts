/** The browser's own database: edits and events wait here until the server has them. */

const NAME = 'petreview';
const VERSION = 1;
export type StoreName = 'edits' | 'events';

let opening: Promise<IDBDatabase> | null = null;

export function openDatabase(): Promise<IDBDatabase> {
  opening ??= opened();
  return opening;
}

/** A browser may refuse by an exception as well: the next call tries again. */
async function opened(): Promise<IDBDatabase> {
  try {
    return await request();
  } catch (error) {
    opening = null;
    throw error;
  }
}

function request(): Promise<IDBDatabase> {
  return new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      for (const name of ['edits', 'events'] as const) {
        const store = request.result.createObjectStore(name, { keyPath: 'number', autoIncrement: true });
        store.createIndex('read', 'read');
        store.createIndex('id', 'id', { unique: true });
      }
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => closeDatabase();
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error ?? new Error('IndexedDB refused to open.'));
    };
  });
}

export function closeDatabase(): void {
  void opening?.then((database) => database.close()).catch(() => undefined);
  opening = null;
}

/** Adds rows; resolves when they are on the disk. */
export async function addRows(name: StoreName, rows: readonly object[]): Promise<void> {
  await inTransaction(name, 'readwrite', (store) => {
    for (const row of rows) store.add(row);
  });
}

export async function rowsOfRead<T>(name: StoreName, read: string): Promise<T[]> {
  let found: T[] = [];
  await inTransaction(name, 'readonly', (store) => {
    const request = store.index('read').getAll(IDBKeyRange.only(read));
    request.onsuccess = () => {
      found = request.result as T[];
    };
  });
  return found;
}

/** Changes the row with the given id, or deletes it when `change` gives null. */
export async function changeRow<T extends object>(name: StoreName, id: string, change: (row: T) => T | null): Promise<void> {
  await changeRows<T>(name, [id], change);
}

export async function changeRows<T extends object>(
  name: StoreName,
  ids: readonly string[],
  change: (row: T) => T | null,
): Promise<void> {
  await inTransaction(name, 'readwrite', (store) => {
    for (const id of ids) {
      const request = store.index('id').openCursor(IDBKeyRange.only(id));
      request.onsuccess = () => {
        const cursor = request.result;
        if (cursor === null) return;
        const changed = change(cursor.value as T);
        if (changed === null) cursor.delete();
        else cursor.update(changed);
      };
    }
  });
}

async function inTransaction(name: StoreName, mode: IDBTransactionMode, work: (store: IDBObjectStore) => void): Promise<void> {
  const database = await openDatabase();
  await new Promise<void>((resolve, reject) => {
    const transaction = database.transaction(name, mode, { durability: 'strict' });
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error('IndexedDB gave up.'));
    transaction.onerror = () => reject(transaction.error ?? new Error('IndexedDB failed.'));
    work(transaction.objectStore(name));
  });
}
