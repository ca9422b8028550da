/** The README of a pretrained policy: what made it, how long it took, and what it can do, by family. */
import { describeMachine } from '../observe/run-directory.js';
import { type EvaluationTally, totalOf, wilsonInterval } from '../observe/summary.js';

export interface PretrainedPolicy {
  readonly seed: number;
  /** Tokens asked for, and those trained on: the last update is not cut. */
  readonly tokenBudget: number;
  readonly tokens: number;
  readonly seconds: number;
  readonly finalLoss: number;
  /** Held-out greedy results by problem family. */
  readonly families: EvaluationTally;
  readonly parameterCount: number;
  readonly nonEmbeddingCount: number;
}

/** The card in Markdown. */
export function modelCard(policy: PretrainedPolicy, date: Date): string {
  const { seed, tokenBudget, tokens, seconds, families } = policy;
  const machine = describeMachine();
  const total = totalOf(families);
  const [low, high] = wilsonInterval(total.correct, total.problems);
  const percent = (share: number): string => (100 * share).toFixed(1);
  const rows = Object.entries(families)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, each]) => `| ${name} | ${each.problems} | ${percent(each.correct / each.problems)} |`);
  return `# A nano policy

A Gemma 2 of ${policy.parameterCount.toLocaleString('en')} parameters (${policy.nonEmbeddingCount.toLocaleString('en')} without embeddings), warm-started by supervised
training on generated traces: the policy that GRPO starts from.

Each problem was shown with one of two traces: *quick*, which states the answer, or *worked*, which reaches it step by step.
Where quick traces prevailed, the policy guesses although it can work the answer out; GRPO makes it choose to work. That is all
that training this policy shows: it learns to reason before it answers, not new arithmetic.

| | |
|---|---|
| command | \`node dist/run.js pretrain --seed ${seed} --tokens ${tokenBudget}\` |
| tokens, prompts included | ${tokens.toLocaleString('en')} |
| time | ${(seconds / 60).toFixed(1)} minutes |
| machine | ${machine.cpu}, ${machine.cpuCount} cores, Node ${process.versions.node}, ${date.toISOString().slice(0, 10)} |
| loss at the end | ${policy.finalLoss.toFixed(4)} nats per token |
| format compliance, held out | ${percent(total.formatted / total.problems)} % |
| accuracy, held out, greedy | ${percent(total.correct / total.problems)} % (95 % interval ${percent(low)} to ${percent(high)}, ${total.problems} problems) |

Problems of the warm start, of GRPO training and of evaluation are disjoint by construction (src/data/splits.ts).

| family | problems | greedy accuracy, % |
|---|---|---|
${rows.join('\n')}
`;
}
