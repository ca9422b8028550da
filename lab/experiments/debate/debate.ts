/**
 * Debate, measured on simulated debaters, where the truth is known, and with a policy on held-out problems: against other ways to spend
 * the same tokens, its stop rules, its roles, and how readily a role gives in. Markdown for lab/results-debate.md goes to stderr.
 *
 *   debate           all of it
 *   debate audit     every coalition of roles besides, and their worth shared out (Shapley)
 *   debate trained   before and after training through debates, and through forward alone (training.ts)
 *
 * `--policy DIR` names another policy than models/nano.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { provenance } from '../../../bench/kit.js';
import { packageRoot } from '../../../src/package-info.js';
import { Random } from '../../../src/random.js';
import { gainOf } from '../../debate/gain.js';
import {
  NEUTRAL_AGENTS,
  type SimulatedResult,
  simulateDebate,
  sycophancyFlips,
} from '../../debate/simulated.js';
import { compare, comparisonRows } from './comparison.js';
import { CONCLUSIONS, intervalText, mean, percent, table } from './markdown.js';
import { checkableProblems, openPolicy, SEED, SLOTS } from './policy.js';
import * as probes from './probes.js';
import { type TrainingSizes, trainedRows, trainedThrough } from './training.js';

export interface DebateExperiment {
  readonly simulatedDebates: number;
  /** Held-out problems that the policy debates about. */
  readonly problems: number;
  readonly auditedProblems: number;
  readonly slots: number;
  readonly trained: TrainingSizes;
}

const DEFAULTS: DebateExperiment = {
  simulatedDebates: 20_000,
  problems: 300,
  auditedProblems: 80,
  slots: SLOTS,
  trained: {
    strategies: ['debate', 'forward'],
    seeds: [1, 2, 3],
    problems: 200,
    slots: SLOTS,
    trainingSeconds: 60,
    calibrationUpdates: 8,
    settings: {},
  },
};

/** `args` are those of the command line. */
export async function main(options: Partial<DebateExperiment> = {}, args: readonly string[] = []) {
  const sizes = { ...DEFAULTS, ...options };
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { policy: { type: 'string', default: 'models/nano' } },
    allowPositionals: true,
  });
  const [part = 'policy'] = positionals;
  if (!['policy', 'audit', 'trained'].includes(part))
    throw new Error(`debate ${part}: expected nothing, audit or trained`);
  const result =
    part === 'trained'
      ? await trained(values.policy, sizes.trained)
      : await measured(values.policy, part === 'audit', sizes);
  return {
    ...provenance(`npm run lab -- debate ${args.join(' ')}`.trim()),
    experiment: 'debate',
    ...result,
  };
}

const print = (title: string, rows: readonly string[]): void => {
  process.stderr.write(`\n**${title}**\n\n${rows.join('\n')}\n`);
};

async function measured(name: string, isAudited: boolean, sizes: DebateExperiment) {
  const simulated = simulatedDebates(sizes.simulatedDebates);
  print('Simulated debaters', simulatedRows(simulated));
  const policy = await openPolicy(resolve(packageRoot, name), SEED, sizes.slots);
  const problems = checkableProblems(sizes.problems);
  const { result: real, debated } = compare(policy, problems);
  print(`The policy in ${name}`, comparisonRows(real));
  const earlyStop = probes.earlyStop(policy, problems);
  print('Early stop', probes.earlyStopRows(earlyStop));
  const withoutRoles = probes.withoutRoles(policy, problems, debated);
  print('Without a role', probes.withoutRolesRows(withoutRoles));
  const sycophancy = probes.sycophancy(policy, problems, 2);
  print('A planted peer', probes.sycophancyRows(sycophancy));
  const audit = isAudited ? probes.auditRoles(policy, problems.slice(0, sizes.auditedProblems)) : undefined;
  if (audit) print('Audit of roles', probes.auditRows(audit));
  policy.sampler.release();
  return { policy: name, simulated, real, earlyStop, withoutRoles, sycophancy, ...(audit ? { audit } : {}) };
}

async function trained(name: string, sizes: TrainingSizes) {
  const result = await trainedThrough(resolve(packageRoot, name), sizes);
  print('Before and after training', trainedRows(result));
  return { policy: name, ...result };
}

// ---- simulated debaters ---------------------------------------------------------------------------------------------

function simulatedDebates(count: number) {
  const measured = [0, 0.1, 0.5].map((correctiveBias) => {
    const options = { ...NEUTRAL_AGENTS, correctiveBias, seed: SEED };
    const results = Array.from({ length: count }, (_, index) => simulateDebate(options, index));
    const gain = gainOf(
      results.map(({ first, last }) => last - first),
      new Random(SEED, 'bootstrap', correctiveBias * 100),
      400,
    );
    const share = (key: keyof SimulatedResult): number => mean(results.map((result) => result[key]));
    const shares = {
      first: share('first'),
      last: share('last'),
      firstVote: share('firstVote'),
      lastVote: share('lastVote'),
    };
    return { correctiveBias, debates: count, ...shares, ...gain };
  });
  const sycophancy = [0, 1, 2, 4].map((deference) => ({
    deference,
    flipRate: sycophancyFlips({ ...NEUTRAL_AGENTS, seed: SEED }, { deference, agents: count }),
  }));
  return { measured, sycophancy };
}

function simulatedRows({ measured, sycophancy }: ReturnType<typeof simulatedDebates>): string[] {
  return [
    ...table(
      [
        ...['corrective bias', 'accuracy, first → last round', 'vote, first → last'],
        ...['gain in points, 95 % interval', 'the harness says', 'p'],
      ],
      measured.map((each) => [
        each.correctiveBias,
        `${percent(each.first)} → ${percent(each.last)}`,
        `${percent(each.firstVote)} → ${percent(each.lastVote)}`,
        intervalText(each),
        CONCLUSIONS[each.conclusion],
        each.p.toPrecision(1),
      ]),
    ),
    '',
    ...table(
      ['weight of the planted peer', 'right answers that flip to it, %'],
      sycophancy.map(({ deference, flipRate }) => [deference, percent(flipRate)]),
    ),
  ];
}
