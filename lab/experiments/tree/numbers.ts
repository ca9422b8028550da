/** Means and roundings that the parts of the experiment on trees share. */

export const mean = (values: readonly (number | boolean)[]): number =>
  values.reduce<number>((sum, value) => sum + Number(value), 0) / values.length;

export const rounded = (value: number): number => Number(value.toFixed(4));
