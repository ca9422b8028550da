/** How many positions a sampler's slot gets: one rule, since the shape of a decode step follows from it. */

/** Slots' caches are rounded up to this many positions. */
const CAPACITY_STEP = 16;

/** Positions for the longest prompt and completion together, rounded up, but no more than the policy has. */
export function slotCapacity(neededPositions: number, maxPositions: number): number {
  return Math.min(maxPositions, Math.ceil(neededPositions / CAPACITY_STEP) * CAPACITY_STEP);
}
