/**
 * Voxels as they travel (stored integers with a factor for each slice) turned into the numbers that
 * are shown and measured. The float32 arithmetic is the server's own (annotations/imaging/volume.py).
 */

export type StoredType = 'int16' | 'uint16';
export type Stored = Int16Array | Uint16Array;

export interface SliceFactors {
  readonly slopes: readonly number[];
  readonly intercepts: readonly number[];
}

export type Progress = (share: number) => void;

/** Reads a body of known size piece by piece into one buffer. `share` runs from 0 to 1. */
export async function readBody(body: ReadableStream<Uint8Array>, bytes: number, progress: Progress): Promise<ArrayBuffer> {
  const buffer = new Uint8Array(bytes);
  const reader = body.getReader();
  let filled = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (filled + value.length > bytes) throw new Error('The server sent more voxels than announced.');
    buffer.set(value, filled);
    filled += value.length;
    progress(filled / bytes);
  }
  if (filled !== bytes) throw new Error(`The server sent ${filled} of ${bytes} bytes of voxels.`);
  return buffer.buffer;
}

export function asStored(buffer: ArrayBuffer, dtype: StoredType): Stored {
  return dtype === 'int16' ? new Int16Array(buffer) : new Uint16Array(buffer);
}

/** fround(fround(stored) * slope[z]) + intercept[z], every step in float32. Yields between slabs. */
export async function toFloat32(stored: Stored, sliceVoxels: number, { slopes, intercepts }: SliceFactors): Promise<Float32Array> {
  const values = new Float32Array(stored.length);
  for (let z = 0; z * sliceVoxels < stored.length; z++) {
    const slope = Math.fround(slopes[z] as number);
    const intercept = Math.fround(intercepts[z] as number);
    const end = (z + 1) * sliceVoxels;
    for (let i = z * sliceVoxels; i < end; i++) {
      values[i] = Math.fround((stored[i] as number) * slope) + intercept;
    }
    if (z % SLAB_SLICES === SLAB_SLICES - 1) await nextTurn();
  }
  return values;
}

/** HU as int16, in place where the factors are whole: a CT takes half the memory of float32. */
export async function toHounsfield(stored: Stored, sliceVoxels: number, factors: SliceFactors): Promise<Int16Array | Float32Array> {
  const whole = factors.slopes.every((s) => s === 1) && factors.intercepts.every(Number.isInteger);
  if (!whole) return toFloat32(stored, sliceVoxels, factors);
  const values = new Int16Array(stored.buffer);
  for (let z = 0; z * sliceVoxels < stored.length; z++) {
    const intercept = factors.intercepts[z] as number;
    const end = (z + 1) * sliceVoxels;
    if (intercept !== 0 || stored instanceof Uint16Array) {
      for (let i = z * sliceVoxels; i < end; i++) {
        const value = (stored[i] as number) + intercept;
        values[i] = value > 32767 ? 32767 : value < -32768 ? -32768 : value;
      }
    }
    if (z % SLAB_SLICES === SLAB_SLICES - 1) await nextTurn();
  }
  return values;
}

const SLAB_SLICES = 48;

/** Lets a frame and the input in between two slabs of work. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
