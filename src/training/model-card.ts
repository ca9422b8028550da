/** The README of a pretrained policy: what made it, how long it took, and what it can do, by topic. */

import { wilsonInterval } from '../evaluation/intervals.js';
import { type DomainTally, type EvaluationTally, totalOf } from '../evaluation/summary.js';
import { describeMachine } from '../observe/run-directory.js';
import { nodeVersion } from '../package-info.js';

interface PretrainedPolicy {
  readonly seed: number;
  /** Tokens asked for, and those trained on: the last update is not cut. */
  readonly tokenBudget: number;
  readonly tokens: number;
  readonly seconds: number;
  readonly finalLoss: number;
  /** Held-out greedy results by topic. */
  readonly greedy: EvaluationTally;
  /** The same where every completion is made to begin as a worked trace does. */
  readonly worked: EvaluationTally;
  readonly parameterCount: number;
  readonly nonEmbeddingCount: number;
}

/** The card in Markdown. */
export function modelCard(policy: PretrainedPolicy, date: Date): string {
  const { seed, tokenBudget, tokens, seconds, greedy, worked } = policy;
  const machine = describeMachine();
  const total = totalOf(greedy);
  const answerable = total.problems - total.open;
  const [low, high] = wilsonInterval(total.correct, answerable);
  const percent = (share: number): string => (100 * share).toFixed(1);
  const accuracy = ({ correct, problems, open }: DomainTally): string =>
    problems > open ? percent(correct / (problems - open)) : '-';
  const rubric = ({ rubric, open }: DomainTally): string => (open > 0 ? (rubric / open).toFixed(2) : '-');
  const rows = Object.entries(greedy)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([name, each]) =>
        `| ${name} | ${each.problems} | ${accuracy(each)} | ${accuracy(worked[name]!)} | ${rubric(each)} |`,
    );
  return `# A nano policy

A Gemma 2 of ${policy.parameterCount.toLocaleString('en')} parameters (${policy.nonEmbeddingCount.toLocaleString('en')} without embeddings), warm-started by supervised
training on generated traces: the policy that GRPO starts from.

Problems of all six domains were shown with one of two traces: *quick*, which states the answer, or *worked*, which reaches it
step by step. Where quick traces prevailed, the policy guesses although it can work the answer out; GRPO makes it choose to work.
That is what training this policy shows: it learns to reason before it answers, hardly any new arithmetic. A tenth each of the
examples were turns of a debate as backward reasoner, skeptic and synthesizer.

| | |
|---|---|
| command | \`node dist/run.js pretrain --seed ${seed} --tokens ${tokenBudget}\` |
| tokens, prompts included | ${tokens.toLocaleString('en')} |
| time | ${(seconds / 60).toFixed(1)} minutes |
| machine | ${machine.cpu}, ${machine.cpuCount} cores, Node ${nodeVersion}, ${date.toISOString().slice(0, 10)} |
| loss at the end | ${policy.finalLoss.toFixed(4)} nats per token |
| format compliance, held out | ${percent(total.formatted / total.problems)} % |
| accuracy, held out, greedy | ${accuracy(total)} % (95 % interval ${percent(low)} to ${percent(high)}, ${answerable} problems with a right answer) |
| the same, made to work | ${accuracy(totalOf(worked))} % |
| rubric of open problems, greedy | ${rubric(total)} of 1 |

Problems of the warm start, of GRPO training and of evaluation are disjoint by construction (src/data/splits.ts), and no question
of the warm start is a twin of an evaluation question.

| topic | problems | greedy accuracy, % | made to work, % | rubric |
|---|---|---|---|---|
${rows.join('\n')}
`;
}
