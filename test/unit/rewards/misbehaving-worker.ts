/** A scoring thread for tests: does what the first completion of a batch says, and scores every other batch. */

import type { Rewards } from '../../../src/protocol/index.js';
import type { ScoringTask } from '../../../src/rewards/pool-worker.js';
import { scoreBatch } from '../../../src/rewards/rewards.js';

export function scoreTask({ batch }: ScoringTask): Rewards | Promise<Rewards> | string {
  switch (batch[0]?.completion) {
    case 'hang':
      for (;;);
    case 'wait for ever':
      return new Promise(() => setInterval(() => {}, 1000));
    case 'throw':
      throw new Error('a scorer that throws');
    case 'exit':
      return process.exit(3);
    case 'run out of memory': {
      const hoard: number[][] = [];
      for (;;) hoard.push(new Array(100_000).fill(1));
    }
    case 'answer with nonsense':
      return 'nonsense';
    case 'answer for another batch':
      return scoreBatch([]);
    default:
      return scoreBatch(batch);
  }
}
