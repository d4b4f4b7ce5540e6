/** Lesion colours: the table is made in Python (annotations/imaging/colours.py) and shared as JSON. */

import table from './lesionColours.json';

export type Rgb = readonly [number, number, number];

export function lesionColour(label: number): Rgb {
  const [r, g, b] = table[(label - 1) % table.length] as number[];
  return [r as number, g as number, b as number];
}

export function cssColour(label: number, alpha = 1): string {
  const [r, g, b] = lesionColour(label);
  return alpha === 1 ? `rgb(${r} ${g} ${b})` : `rgb(${r} ${g} ${b} / ${alpha})`;
}
