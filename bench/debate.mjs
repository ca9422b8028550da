/**
 * Debate, measured on simulated debaters, where the truth is known, and with a policy on held-out problems: against other ways to spend
 * the same tokens, its stop rules, its roles, and how readily a role gives in. Markdown for docs/techniques.md goes to stderr.
 *
 *   debate           all of it
 *   debate audit     every coalition of roles besides, and their worth shared out (Shapley)
 *   debate trained   before and after training through debates, and through forward alone (debate-training.mjs)
 *
 * `--policy DIR` names another policy than models/nano. PROBLEMS in the environment makes it shorter.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Random } from '../dist/random.js';
import { gainOf } from '../lab/debate/gain.js';
import { NEUTRAL_AGENTS, simulateDebate, sycophancyFlips } from '../lab/debate/simulated.js';
import { compare, comparisonRows, mean } from './debate-comparison.mjs';
import { CONCLUSIONS, intervalText, percent, table } from './debate-markdown.mjs';
import { checkableProblems, openPolicy, SEED } from './debate-policy.mjs';
import * as probes from './debate-probes.mjs';
import { trainedRows, trainedThrough } from './debate-training.mjs';
import { provenance } from './kit.mjs';
import { ROOT } from './runs.mjs';

const SIMULATED_DEBATES = 20_000;
const PROBLEMS = Number(process.env.PROBLEMS ?? 300);
const AUDITED_PROBLEMS = 80;

export async function benchDebate(args = process.argv.slice(3)) {
  const options = { policy: { type: 'string', default: 'models/nano' } };
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [part = 'policy'] = positionals;
  if (!['policy', 'audit', 'trained'].includes(part))
    throw new Error(`debate ${part}: expected nothing, audit or trained`);
  const result =
    part === 'trained' ? await trained(values.policy) : await measured(values.policy, part === 'audit');
  return {
    ...provenance(`npm run bench -- debate ${args.join(' ')}`.trim()),
    benchmark: 'debate',
    ...result,
  };
}

const print = (title, rows) => process.stderr.write(`\n**${title}**\n\n${rows.join('\n')}\n`);

async function measured(name, isAudited) {
  const simulated = simulatedDebates();
  print('Simulated debaters', simulatedRows(simulated));
  const policy = await openPolicy(resolve(ROOT, name));
  const problems = checkableProblems(PROBLEMS);
  const { result: real, debated } = compare(policy, problems);
  print(`The policy in ${name}`, comparisonRows(real));
  const earlyStop = probes.earlyStop(policy, problems);
  print('Early stop', probes.earlyStopRows(earlyStop));
  const withoutRoles = probes.withoutRoles(policy, problems, debated);
  print('Without a role', probes.withoutRolesRows(withoutRoles));
  const sycophancy = probes.sycophancy(policy, problems, 2);
  print('A planted peer', probes.sycophancyRows(sycophancy));
  const audit = isAudited ? probes.auditRoles(policy, problems.slice(0, AUDITED_PROBLEMS)) : undefined;
  if (audit) print('Audit of roles', probes.auditRows(audit));
  policy.sampler.release();
  return { policy: name, simulated, real, earlyStop, withoutRoles, sycophancy, ...(audit ? { audit } : {}) };
}

async function trained(name) {
  const result = await trainedThrough(resolve(ROOT, name));
  print('Before and after training', trainedRows(result));
  return { policy: name, ...result };
}

// ---- simulated debaters ---------------------------------------------------------------------------------------------

function simulatedDebates() {
  const measured = [0, 0.1, 0.5].map((correctiveBias) => {
    const options = { ...NEUTRAL_AGENTS, correctiveBias, seed: SEED };
    const results = Array.from({ length: SIMULATED_DEBATES }, (_, index) => simulateDebate(options, index));
    const gain = gainOf(
      results.map(({ first, last }) => last - first),
      new Random(SEED, 'bootstrap', correctiveBias * 100),
      400,
    );
    const shares = ['first', 'last', 'firstVote', 'lastVote'].map((key) => [
      key,
      mean(results.map((result) => result[key])),
    ]);
    return { correctiveBias, debates: SIMULATED_DEBATES, ...Object.fromEntries(shares), ...gain };
  });
  const sycophancy = [0, 1, 2, 4].map((deference) => ({
    deference,
    flipRate: sycophancyFlips({ ...NEUTRAL_AGENTS, seed: SEED }, { deference, agents: SIMULATED_DEBATES }),
  }));
  return { measured, sycophancy };
}

function simulatedRows({ measured, sycophancy }) {
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
