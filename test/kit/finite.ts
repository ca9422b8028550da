/** Looks through figures for numbers that are none. */

/** Paths of values that are NaN or infinite, and how many numbers were seen. */
export function notFinite(value: unknown, path = ''): { seen: number; faults: string[] } {
  if (typeof value === 'number') return { seen: 1, faults: Number.isFinite(value) ? [] : [path] };
  if (typeof value !== 'object' || value === null) return { seen: 0, faults: [] };
  const parts = Object.entries(value).map(([key, each]) => notFinite(each, `${path}.${key}`));
  return {
    seen: parts.reduce((sum, { seen }) => sum + seen, 0),
    faults: parts.flatMap(({ faults }) => faults),
  };
}
