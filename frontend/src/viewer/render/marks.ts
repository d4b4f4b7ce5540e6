/** What stands at the edges of every picture, planes and MIP alike. */

import type { CanvasSize } from '../planeView';

interface Letters {
  readonly top: string;
  readonly left: string;
  readonly right: string;
}

/** Patient sides at the edges. Top, left and right say it all; the bottom belongs to the windows and the scale. */
export function paintLetters(context: CanvasRenderingContext2D, letters: Letters, { width, height }: CanvasSize, dark: boolean): void {
  context.font = '11px ui-monospace, monospace';
  context.fillStyle = dark ? 'rgb(185 195 207 / 0.9)' : 'rgb(74 85 99 / 0.9)';
  context.textBaseline = 'middle';
  context.textAlign = 'center';
  context.fillText(letters.top, width / 2, 14);
  context.textAlign = 'left';
  context.fillText(letters.left, 10, height / 2);
  context.textAlign = 'right';
  context.fillText(letters.right, width - 10, height / 2);
}

const BAR_MM = [200, 100, 50, 20, 10, 5, 2, 1];

/** A bar of a round length at the lower right, never longer than a third of the picture. */
export function paintScaleBar(context: CanvasRenderingContext2D, { width, height }: CanvasSize, mmPerPixel: number, dark: boolean): void {
  const mm = BAR_MM.find((length) => length / mmPerPixel <= width * 0.3) ?? 1;
  const pixels = mm / mmPerPixel;
  const [right, y] = [width - 10, height - 12];
  context.strokeStyle = context.fillStyle = dark ? '#b9c3cf' : '#4a5563';
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(right - pixels, y - 3);
  context.lineTo(right - pixels, y + 3);
  context.moveTo(right - pixels, y);
  context.lineTo(right, y);
  context.moveTo(right, y - 3);
  context.lineTo(right, y + 3);
  context.stroke();
  context.textAlign = 'right';
  context.textBaseline = 'bottom';
  context.fillText(mm >= 10 ? `${mm / 10} cm` : `${mm} mm`, right, y - 4);
}
