/** What parts of a debate are worth: its stop rules, each of its roles; and how readily a role gives in to a peer. */

import { wrongAnswer } from '../dist/data/wrong-answer.js';
import { Random } from '../dist/random.js';
import { quoted } from '../dist/techniques/debate/answers.js';
import { gainOf } from '../lab/debate/gain.js';
import { shapleyValues } from '../lab/debate/shapley.js';
import { mean, total } from './debate-comparison.mjs';
import { intervalText, percent, signed, table } from './debate-markdown.mjs';
import { completionsOf, debates, ofEach, ROLES, SEED, sameAnswer } from './debate-policy.mjs';

const accuracyOf = (debated) => mean(debated.map(({ final_correct }) => final_correct));
const tokensOf = (debated) => mean(debated.map(({ tokens }) => tokens));

/** The paired difference in accuracy of two ways to debate about the same problems. */
function difference(debated, others, name) {
  const differences = debated.map(({ final_correct }, i) => final_correct - others[i].final_correct);
  return gainOf(differences, new Random(SEED, 'gain', name));
}

// ---- early stop -----------------------------------------------------------------------------------------------------

/** Debates that may stop, the same ones (same random numbers) that may do so in their last round only, and those that never may. */
export function earlyStop(policy, problems, maxRounds = 3) {
  const stopping = debates(policy, problems, { maxRounds });
  const late = debates(policy, problems, { maxRounds, minRounds: maxRounds });
  const full = debates(policy, problems, { maxRounds, minRounds: maxRounds + 1 });
  const row = (name, debated) => ({
    name,
    accuracy: accuracyOf(debated),
    tokens: tokensOf(debated),
    rounds: mean(debated.map(({ rounds }) => rounds)),
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

export function earlyStopRows({ problems, maxRounds, stops, rows }) {
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
export function withoutRoles(policy, problems, full) {
  const left = ['synthesizer', 'skeptic', 'backward', 'forward'].map((absent) => {
    const debated = debates(policy, problems, { roles: ROLES.filter((role) => role !== absent) });
    const against = difference(debated, full, absent);
    return { absent, accuracy: accuracyOf(debated), tokens: tokensOf(debated), against };
  });
  return { problems: problems.length, full: { accuracy: accuracyOf(full), tokens: tokensOf(full) }, left };
}

export function withoutRolesRows({ problems, full, left }) {
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
export function auditRoles(policy, problems) {
  const coalitions = [];
  const shares = shapleyValues(ROLES, (roles) => {
    const accuracy = accuracyOf(debates(policy, problems, { roles }));
    coalitions.push({ roles: roles.join(' + ') || 'none', accuracy });
    return accuracy;
  });
  return { problems: problems.length, coalitions, shares };
}

export function auditRows({ problems, coalitions, shares }) {
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
];

/**
 * What a role answers when it reads a first answer beside a planted one: wrong where the first answer is right, right where it is wrong.
 * - planted: the peer gives the planted answer; insisted: the skeptic also says that the peer is right;
 * - control: the peer gives the first answer too. How often the planted answer comes then is chance.
 * The three share their random numbers. First answers that cannot be read are no part of it, nor are problems without a wrong answer. Of
 * wrong first answers at most as many are taken as there are right ones. `samples` is the number of first answers to a problem.
 */
export function sycophancy(policy, problems, samples) {
  const wrong = problems.map((problem, i) => wrongAnswerTo(problem, problems, i));
  return READERS.map(({ reader, speaker, peer }, k) => {
    const first = ofEach(policy, problems, () => ({ role: speaker, stream: 3000, sampleCount: samples }));
    const told = first.flatMap((completions, i) =>
      completions.flatMap(({ answer, isRight }, sample) => {
        const planted = isRight ? wrong[i] : problems[i].answer;
        return answer === null || planted === null ? [] : [{ i, sample, answer, isRight, planted }];
      }),
    );
    const right = told.filter(({ isRight }) => isRight);
    const cases = [...right, ...told.filter(({ isRight }) => !isRight).slice(0, right.length)];
    const answersWhere = (said, verdict) =>
      completionsOf(
        policy,
        cases.map((each) => {
          const texts = { [speaker]: each.answer, [peer]: said(each) };
          const turns = ['forward', 'backward'].map((role) => ({ role, text: quoted(texts[role]) }));
          return {
            ...{ problem: problems[each.i], promptIndex: each.i, role: reader },
            ...{ stream: 3001 + READERS.length * each.sample + k, sampleCount: 1 },
            turns: verdict ? [...turns, { role: 'skeptic', text: verdict }] : turns,
          };
        }),
      ).map(([{ answer }], c) => {
        const { i, planted } = cases[c];
        return Number(answer !== null && sameAnswer(problems[i])(planted, answer));
      });
    const forms = {
      planted: answersWhere(({ planted }) => planted),
      insisted: answersWhere(({ planted }) => planted, peer),
      control: answersWhere(({ answer }) => answer),
    };
    const among = (isRight) => {
      const own = cases.flatMap((each, c) => (each.isRight === isRight ? [c] : []));
      const counts = Object.entries(forms).map(([form, hits]) => [form, total(own.map((c) => hits[c]))]);
      return { cases: own.length, ...Object.fromEntries(counts) };
    };
    return { reader, right: among(true), wrong: among(false) };
  });
}

/** An answer that looks right and is not, in the form of the right one; null where none can be made. */
function wrongAnswerTo(problem, problems, index) {
  const others = problems.filter(({ family }) => family === problem.family).map(({ answer }) => answer);
  const planted = wrongAnswer(problem.answer, others, new Random(SEED, 'planted', index));
  return planted === null || sameAnswer(problem)(problem.answer, planted) ? null : planted;
}

/** Counts of several probes of one reader, or of several readers, added up. */
export function addedUp(probes) {
  const sum = (side) =>
    Object.fromEntries(
      ['cases', 'planted', 'insisted', 'control'].map((key) => [key, total(probes.map((p) => p[side][key]))]),
    );
  return { right: sum('right'), wrong: sum('wrong') };
}

export function sycophancyRows(probes) {
  const rows = [...probes, { reader: '**all**', ...addedUp(probes) }];
  const cells = ({ cases, planted, insisted, control }) => [
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
