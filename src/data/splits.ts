/**
 * Which of three disjoint sets a problem belongs to, for ever and whatever the seed.
 *
 * Invariants: the set is a function of the lineage alone (topic and canonical parameters, no scene, no wording):
 * bucket = hash(lineage) mod 10; 0 is evaluation, 1-4 train, 5-9 pretrain.
 */
import { hashText } from '../random.js';

/** Supervised warm start, GRPO, or held out. */
export type Split = 'pretrain' | 'train' | 'evaluation';

/** The one split that a lineage belongs to. */
export function splitOf(lineage: string): Split {
  const bucket = hashText(lineage) % 10;
  if (bucket === 0) return 'evaluation';
  return bucket <= 4 ? 'train' : 'pretrain';
}
