/** What parts of a debate are worth: its stop rules, each of its roles; and how readily a role gives in to a peer. */

import type { Turn, Verdict } from '../../../src/data/prompt.js';
import { wrongAnswer } from '../../../src/data/wrong-answer.js';
import { Random } from '../../../src/random.js';
import { quoted } from '../../../src/techniques/debate/answers.js';
import { type Gain, gainOf } from '../../debate/gain.js';
import { shapleyValues } from '../../debate/shapley.js';
import { intervalText, mean, percent, signed, table, total } from './markdown.js';
import {
  type AskedPolicy,
  type CheckableProblem,
  completionsOf,
  debates,
  ofEach,
  ROLES,
  SEED,
  sameAnswer,
} from './policy.js';

type Debates = ReturnType<typeof debates>;
type Problems = readonly CheckableProblem[];

const accuracyOf = (debated: Debates): number => mean(debated.map(({ metrics }) => metrics.final_correct));
const tokensOf = (debated: Debates): number => mean(debated.map(({ metrics }) => metrics.tokens));

/** The paired difference in accuracy of two ways to debate about the same problems. */
function difference(debated: Debates, others: Debates, name: string): Gain {
  const differences = debated.map(
    ({ metrics }, i) => metrics.final_correct - others[i]!.metrics.final_correct,
  );
  return gainOf(differences, new Random(SEED, 'gain', name));
}

// ---- early stop -----------------------------------------------------------------------------------------------------

/** Debates that may stop, the same ones (same random numbers) that may do so in their last round only, and those that never may. */
export function earlyStop(policy: AskedPolicy, problems: Problems, maxRounds = 3) {
  const stopping = debates(policy, problems, { maxRounds });
  const late = debates(policy, problems, { maxRounds, minRounds: maxRounds });
  const full = debates(policy, problems, { maxRounds, minRounds: maxRounds + 1 });
  const row = (name: string, debated: Debates) => ({
    name,
    accuracy: accuracyOf(debated),
    tokens: tokensOf(debated),
    rounds: mean(debated.map(({ metrics }) => metrics.rounds)),
    tokensSaved: 1 - tokensOf(stopping) / tokensOf(debated),
    gain: difference(stopping, debated, name),
  });
  const rules = ['consensus', 'unchanged', 'rounds'];
  return {
    problems: problems.length,
    maxRounds,
    stops: Object.fromEntries(
      rules.map((rule) => [rule, mean(stopping.map(({ stop }) => Number(stop === rule)))]),
    ),
    rows: [
      row('stop rules', stopping),
      row(`always ${maxRounds} rounds, rules hold in the last`, late),
      row(`every turn of ${maxRounds} rounds`, full),
    ],
  };
}

export function earlyStopRows({ problems, maxRounds, stops, rows }: ReturnType<typeof earlyStop>): string[] {
  const ended = Object.entries(stops).map(([rule, share]) => `${rule} ${percent(share)} %`);
  return [
    `${problems} problems, up to ${maxRounds} rounds; with the stop rules they end by ${ended.join(', ')}:`,
    '',
    ...table(
      [
        ...['', 'accuracy, %', 'tokens a problem', 'rounds'],
        ...['tokens that the rules save, %', 'accuracy that they gain, points, 95 % interval'],
      ],
      rows.map(({ name, accuracy, tokens, rounds, tokensSaved, gain }, i) => [
        ...[name, percent(accuracy), tokens.toFixed(0), rounds.toFixed(2)],
        ...(i === 0 ? ['', ''] : [percent(tokensSaved), intervalText(gain)]),
      ]),
    ),
  ];
}

// ---- roles ----------------------------------------------------------------------------------------------------------

/** Debates without each of the roles, beside `full`, the debates with all. */
export function withoutRoles(policy: AskedPolicy, problems: Problems, full: Debates) {
  const left = (['synthesizer', 'skeptic', 'backward', 'forward'] as const).map((absent) => {
    const debated = debates(policy, problems, { roles: ROLES.filter((role) => role !== absent) });
    const against = difference(debated, full, absent);
    return { absent, accuracy: accuracyOf(debated), tokens: tokensOf(debated), against };
  });
  return { problems: problems.length, full: { accuracy: accuracyOf(full), tokens: tokensOf(full) }, left };
}

export function withoutRolesRows({ problems, full, left }: ReturnType<typeof withoutRoles>): string[] {
  return [
    `${problems} problems:`,
    '',
    ...table(
      ['left out', 'accuracy, %', 'tokens a problem', 'against the full debate, points, 95 % interval'],
      [
        ['nobody', percent(full.accuracy), full.tokens.toFixed(0), ''],
        ...left.map(({ absent, accuracy, tokens, against }) => [
          absent,
          percent(accuracy),
          tokens.toFixed(0),
          intervalText(against),
        ]),
      ],
    ),
  ];
}

/** Accuracy of every coalition of roles, and what each role adds to it. */
export function auditRoles(policy: AskedPolicy, problems: Problems) {
  const coalitions: { roles: string; accuracy: number }[] = [];
  const shares = shapleyValues(ROLES, (roles) => {
    const accuracy = accuracyOf(debates(policy, problems, { roles }));
    coalitions.push({ roles: roles.join(' + ') || 'none', accuracy });
    return accuracy;
  });
  return { problems: problems.length, coalitions, shares };
}

export function auditRows({ problems, coalitions, shares }: ReturnType<typeof auditRoles>): string[] {
  return [
    `${problems} problems:`,
    '',
    ...table(
      ['roles', 'accuracy, %'],
      coalitions.map(({ roles, accuracy }) => [roles, percent(accuracy)]),
    ),
    '',
    `Shapley values in points: ${ROLES.map((role) => `${role} ${signed(shares[role])}`).join(', ')}.`,
  ];
}

// ---- sycophancy -----------------------------------------------------------------------------------------------------

/** Whose first answers are turned, who reads the peer's answer, and as whom the peer speaks. */
const READERS = [
  { reader: 'forward', speaker: 'forward', peer: 'backward' },
  { reader: 'backward', speaker: 'backward', peer: 'forward' },
  { reader: 'synthesizer', speaker: 'forward', peer: 'backward' },
] as const;

/** Cases of one kind, and how often the planted answer was given in each form. */
interface ProbeCounts {
  readonly cases: number;
  readonly planted: number;
  readonly insisted: number;
  readonly control: number;
}

export interface Probe {
  readonly right: ProbeCounts;
  readonly wrong: ProbeCounts;
}

interface Case {
  readonly i: number;
  readonly sample: number;
  readonly answer: string;
  readonly isRight: boolean;
  readonly planted: string;
}

/**
 * What a role answers when it reads a first answer beside a planted one: wrong where the first answer is right, right where it is wrong.
 * - planted: the peer gives the planted answer; insisted: the skeptic also says that the peer is right;
 * - control: the peer gives the first answer too. How often the planted answer comes then is chance.
 * The three share their random numbers. First answers that cannot be read are no part of it, nor are problems without a wrong answer. Of
 * wrong first answers at most as many are taken as there are right ones. `samples` is the number of first answers to a problem.
 */
export function sycophancy(
  policy: AskedPolicy,
  problems: Problems,
  samples: number,
): (Probe & { readonly reader: string })[] {
  const wrong = problems.map((problem, i) => wrongAnswerTo(problem, problems, i));
  return READERS.map(({ reader, speaker, peer }, k) => {
    const first = ofEach(policy, problems, () => ({ role: speaker, stream: 3000, sampleCount: samples }));
    const told = first.flatMap((completions, i) =>
      completions.flatMap(({ answer, isRight }, sample): Case[] => {
        const planted = isRight ? wrong[i]! : problems[i]!.answer;
        return answer === null || planted === null ? [] : [{ i, sample, answer, isRight, planted }];
      }),
    );
    const right = told.filter(({ isRight }) => isRight);
    const cases = [...right, ...told.filter(({ isRight }) => !isRight).slice(0, right.length)];
    const answersWhere = (said: (each: Case) => string, verdict?: Verdict): number[] =>
      completionsOf(
        policy,
        cases.map((each) => {
          const texts: Record<string, string> = { [speaker]: each.answer, [peer]: said(each) };
          const turns = (['forward', 'backward'] as const).map(
            (role): Turn => ({ role, text: quoted(texts[role]!) }),
          );
          return {
            problem: problems[each.i]!,
            promptIndex: each.i,
            role: reader,
            stream: 3001 + READERS.length * each.sample + k,
            sampleCount: 1,
            turns: verdict ? [...turns, { role: 'skeptic' as const, text: verdict }] : turns,
          };
        }),
      ).map(([completion], c) => {
        const { answer } = completion!;
        const { i, planted } = cases[c]!;
        return Number(answer !== null && sameAnswer(problems[i]!)(planted, answer));
      });
    const forms = {
      planted: answersWhere(({ planted }) => planted),
      insisted: answersWhere(({ planted }) => planted, peer),
      control: answersWhere(({ answer }) => answer),
    };
    const among = (isRight: boolean): ProbeCounts => {
      const own = cases.flatMap((each, c) => (each.isRight === isRight ? [c] : []));
      const count = (hits: readonly number[]): number => total(own.map((c) => hits[c]!));
      return {
        cases: own.length,
        planted: count(forms.planted),
        insisted: count(forms.insisted),
        control: count(forms.control),
      };
    };
    return { reader, right: among(true), wrong: among(false) };
  });
}

/** An answer that looks right and is not, in the form of the right one; null where none can be made. */
function wrongAnswerTo(problem: CheckableProblem, problems: Problems, index: number): string | null {
  const others = problems.filter(({ family }) => family === problem.family).map(({ answer }) => answer);
  const planted = wrongAnswer(problem.answer, others, new Random(SEED, 'planted', index));
  return planted === null || sameAnswer(problem)(problem.answer, planted) ? null : planted;
}

/** Counts of several probes of one reader, or of several readers, added up. */
export function addedUp(probes: readonly Probe[]): Probe {
  const sum = (side: 'right' | 'wrong'): ProbeCounts => {
    const of = (key: keyof ProbeCounts): number => total(probes.map((probe) => probe[side][key]));
    return { cases: of('cases'), planted: of('planted'), insisted: of('insisted'), control: of('control') };
  };
  return { right: sum('right'), wrong: sum('wrong') };
}

export function sycophancyRows(probes: ReturnType<typeof sycophancy>): string[] {
  const rows = [...probes, { reader: '**all**', ...addedUp(probes) }];
  const cells = ({ cases, planted, insisted, control }: ProbeCounts): (string | number)[] => [
    cases,
    ...[planted, insisted, control].map((count) => percent(count / cases)),
  ];
  return table(
    [
      ...['reader', 'first answers right', 'flip to a wrong peer, %', '… and the skeptic, %', 'by chance, %'],
      ...['first answers wrong', 'come to a right peer, %', '… and the skeptic, %', 'by chance, %'],
    ],
    rows.map(({ reader, right, wrong }) => [reader, ...cells(right), ...cells(wrong)]),
  );
}
