/** Debates of a policy against other ways to spend the same tokens. */

import type { Turn } from '../../../src/data/prompt.js';
import { Random } from '../../../src/random.js';
import { quoted } from '../../../src/techniques/debate/answers.js';
import { gainOf } from '../../debate/gain.js';
import { CONCLUSIONS, intervalText, mean, percent, table, total } from './markdown.js';
import {
  type AskedPolicy,
  type CheckableProblem,
  type Completion,
  type Debated,
  debates,
  MAX_ROUNDS,
  MAX_TOKENS,
  ofEach,
  SEED,
  spend,
  TEMPERATURE,
  voted,
} from './policy.js';

const SAMPLES_AT_ONCE = 4;

type DebatedProblems = ReturnType<typeof debates>;

/** A debate about every problem, and as many forward samples as cost the same tokens. */
export function debateBesideSamples(policy: AskedPolicy, problems: readonly CheckableProblem[]) {
  const debated = debates(policy, problems);
  const debateTokens = total(debated.map(({ metrics }) => metrics.tokens));
  const { taken, tokens } = spend(problems, debateTokens, (wave) =>
    ofEach(policy, problems, () => ({ stream: 1000 + wave, sampleCount: SAMPLES_AT_ONCE })),
  );
  const consistent = taken.map((completions, i) => Number(voted(problems[i]!, completions).isRight));
  return { debated, debateTokens, taken, sampleTokens: tokens, consistent };
}

/** What of a debate does not depend on what it is compared with: means over debates. */
export function debateFigures(debated: DebatedProblems) {
  const of = (key: keyof Debated & string): number => mean(debated.map(({ metrics }) => metrics[key]!));
  const stopShare = (rule: string): number => mean(debated.map(({ stop }) => Number(stop === rule)));
  return {
    debates: debated.length,
    accuracy: of('final_correct'),
    firstRight: of('first_right'),
    consensus: of('consensus'),
    falseConsensus: of('false_consensus'),
    correctIfConsensus: 1 - of('false_consensus') / of('consensus'),
    correctToWrong: of('correct_to_wrong'),
    wrongToCorrect: of('wrong_to_correct'),
    oracleGap: of('oracle_gap'),
    rounds: of('rounds'),
    tokens: of('tokens'),
    stops: Object.fromEntries(['consensus', 'unchanged', 'rounds'].map((rule) => [rule, stopShare(rule)])),
  };
}

/**
 * The policy alone, answering again and again: it reads the question and what it answered last, as a turn of forward, and answers anew.
 * The first answer is the one that forward gives in the debate.
 */
function selfCorrection(policy: AskedPolicy, problems: readonly CheckableProblem[], budget: number) {
  return spend(problems, budget, (wave, taken) => {
    const said = (i: number): Turn[] =>
      taken[i]!.slice(-1).map(({ answer }) => ({ role: 'forward', text: quoted(answer) }));
    const stream = wave === 0 ? 0 : 2000 + wave;
    return ofEach(policy, problems, (i) => ({ stream, sampleCount: 1, turns: said(i) }));
  });
}

const lastReadable = (completions: readonly Completion[]): Pick<Completion, 'isRight'> =>
  completions.findLast(({ answer }) => answer !== null) ?? { isRight: false };

export function compare(policy: AskedPolicy, problems: readonly CheckableProblem[]) {
  const start = performance.now();
  const { debated, debateTokens, taken, sampleTokens, consistent } = debateBesideSamples(policy, problems);
  const greedy = ofEach(policy, problems, () => ({ temperature: 0, stream: 0, sampleCount: 1 })).flat();
  const corrected = selfCorrection(policy, problems, debateTokens);
  const first = taken.map(([each]) => each!);
  const tokensOf = (completions: readonly Completion[]): number =>
    total(completions.map(({ tokens }) => tokens));
  const isRight = (completions: readonly Pick<Completion, 'isRight'>[]): number[] =>
    completions.map((each) => Number(each.isRight));
  const ways: Record<string, [right: readonly number[], tokens: number]> = {
    greedy: [isRight(greedy), tokensOf(greedy)],
    'one sample': [isRight(first), tokensOf(first)],
    'self-consistency': [consistent, sampleTokens],
    'best-of-N oracle': [taken.map((each) => Number(each.some(({ isRight }) => isRight))), sampleTokens],
    'self-correction': [isRight(corrected.taken.map(lastReadable)), corrected.tokens],
    debate: [debated.map(({ metrics }) => metrics.final_correct), debateTokens],
    'debate + vote': [debated.map(({ metrics }) => metrics.vote_correct), debateTokens],
  };
  const rows = Object.entries(ways).map(([name, [right, tokens]]) => ({
    name,
    accuracy: mean(right),
    tokensPerProblem: tokens / problems.length,
    againstSelfConsistency: gainOf(
      right.map((value, i) => value - consistent[i]!),
      new Random(SEED, 'gain', name),
    ),
  }));
  const perProblem = (lists: readonly (readonly Completion[])[]): number =>
    total(lists.map(({ length }) => length)) / problems.length;
  const result = {
    problems: problems.length,
    maxRounds: MAX_ROUNDS,
    temperature: TEMPERATURE,
    maxTokens: MAX_TOKENS,
    seed: policy.seed,
    samplesPerProblem: perProblem(taken),
    correctionsPerProblem: perProblem(corrected.taken),
    tokenRatio: sampleTokens / debateTokens,
    rows,
    ...debateFigures(debated),
    seconds: (performance.now() - start) / 1000,
  };
  return { result, debated };
}

export function comparisonRows(real: ReturnType<typeof compare>['result']): string[] {
  const { rows, problems, samplesPerProblem, correctionsPerProblem } = real;
  const cells = rows.map(({ name, accuracy, tokensPerProblem, againstSelfConsistency }) => [
    name,
    percent(accuracy),
    tokensPerProblem.toFixed(0),
    name === 'self-consistency' ? '' : intervalText(againstSelfConsistency),
    name.startsWith('debate') ? CONCLUSIONS[againstSelfConsistency.conclusion] : '',
  ]);
  const shares = [
    'consensus',
    'falseConsensus',
    'correctIfConsensus',
    'firstRight',
    'correctToWrong',
    'wrongToCorrect',
    'oracleGap',
  ] as const;
  return [
    `${problems} held-out problems, up to ${real.maxRounds} rounds, temperature ${real.temperature}, self-consistency and the oracle with ${samplesPerProblem.toFixed(1)} samples a problem, self-correction with ${correctionsPerProblem.toFixed(1)} answers:`,
    '',
    ...table(
      ['', 'accuracy, %', 'tokens a problem', 'against self-consistency, points, 95 % interval', ''],
      cells,
    ),
    '',
    ...table(
      [
        ...['consensus', 'wrong with consensus', 'right if consensus', 'first answers right'],
        ...['correct → wrong', 'wrong → correct', 'right answer given, not taken', 'rounds'],
      ],
      [[...shares.map((key) => percent(real[key])), real.rounds.toFixed(2)]],
    ),
  ];
}
