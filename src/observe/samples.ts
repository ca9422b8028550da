/** Sample files: what the policy wrote, with every reward, one line a completion. */
import type { GroupCompleted } from '../protocol/index.js';

interface SampleRow {
  /** From 1. */
  readonly update: number;
  readonly promptIndex: number;
  readonly problem: string;
  readonly domain: string;
  readonly completion: string;
  readonly tokens: number;
  readonly stopped: boolean;
  readonly rewards: Readonly<Record<string, number>>;
}

/** One row per completion of a group of the update with this number; none if the group came without its texts. */
export function sampleRows(update: number, group: GroupCompleted): SampleRow[] {
  const { texts, rewardNames, rewards, lengths, stopped, promptIndex, problemId, domain } = group;
  return (texts ?? []).map((completion, i) => ({
    update,
    promptIndex,
    problem: problemId,
    domain,
    completion,
    tokens: lengths[i]!,
    stopped: stopped[i] === 1,
    rewards: Object.fromEntries(rewardNames.map((name, k) => [name, rewards[k * lengths.length + i]!])),
  }));
}
