/**
 * A reward of your own: short reasoning is better, as long as it is there at all.
 *
 * The function runs in this process, the actors that sample and the learner in threads of their own. It is a shaping reward: it only tips
 * the scales among completions of one problem of which some are right and some are wrong. Paths are those of your working directory.
 */
import { pathToFileURL } from 'node:url';
import { type ConfigInput, type RewardFunction, train } from 'dialectic';

/** 1 for no words, 0 for eighty and more; nothing for a completion without reasoning. */
export const brevity: RewardFunction = {
  name: 'brevity',
  weight: 0.3,
  kind: 'shaping',
  score: (batch) =>
    batch.map(({ completion }) => {
      const reasoning = /<reasoning>(.*?)<\/reasoning>/s.exec(completion)?.[1] ?? '';
      const words = reasoning.split(/\s+/).filter(Boolean).length;
      return words === 0 ? 0 : Math.max(0, 1 - words / 80);
    }),
};

/** Trains with the reward beside the built-in ones; gives its mean in each update. */
export async function trainBriefly(config: ConfigInput): Promise<number[]> {
  const means: number[] = [];
  const run = train(config, {
    rewards: [brevity],
    onEvent: (event) => {
      if (event.type === 'update.completed') means.push(event.metrics['rewards/brevity/mean'] ?? 0);
    },
  });
  const { updates, runDirectory } = await run.summary;
  console.log(`${updates} updates; all of it is in ${runDirectory}`);
  return means;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const means = await trainBriefly({ updates: 20 });
  console.log(`brevity: ${means.map((mean) => mean.toFixed(2)).join(' ')}`);
}
