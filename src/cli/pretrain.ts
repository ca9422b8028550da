/** `pretrain`: makes a nano policy from nothing, and says how it goes and how good it is. */
import { join } from 'node:path';
import { absentFolder } from '../observe/claim-folder.js';
import { type PretrainingEvent, pretrainNano } from '../training/pretraining.js';
import type { PretrainOptions } from './arguments.js';
import { clock } from './views/progress.js';

const DEFAULTS = { seed: 1, tokens: 46_000_000, threads: 2 };

export async function runPretrain(options: PretrainOptions): Promise<void> {
  const { seed = DEFAULTS.seed, tokens: tokenBudget = DEFAULTS.tokens, threads = DEFAULTS.threads } = options;
  const directory = absentFolder(options.out ?? join('runs', `pretrained-seed${seed}`), '--out');
  const say = (record: object, line: string): void => {
    if (options.json) process.stdout.write(`${JSON.stringify(record)}\n`);
    else process.stderr.write(`${line}\n`);
  };
  const onEvent = (event: PretrainingEvent): void => say(event, lineOf(event, tokenBudget));
  const summary = await pretrainNano({ directory, seed, tokenBudget, threads, onEvent });
  const { tokens, seconds, accuracy } = summary;
  say(
    { type: 'pretrain.summary', directory, seed, ...summary },
    `Wrote ${directory}: ${tokens} tokens in ${clock(seconds)}, held-out greedy accuracy ${(100 * accuracy).toFixed(1)} %`,
  );
}

function lineOf(event: PretrainingEvent, tokenBudget: number): string {
  if (event.type === 'pretrain.warning') {
    const { update, stage, skippedUpdates } = event;
    return `update ${update} of stage ${stage} was skipped: its gradient is not finite (${skippedUpdates} so far)`;
  }
  const { tokens, loss, seconds } = event;
  const share = ((100 * tokens) / tokenBudget).toFixed(0).padStart(3);
  const left = (seconds / tokens) * (tokenBudget - tokens);
  return `${share} %  tokens ${tokens}  loss ${loss.toFixed(4)}  ${Math.round(tokens / seconds)} tok/s  ETA ${clock(left)}`;
}
