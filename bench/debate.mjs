/**
 * Debate, measured twice: the harness itself on simulated debaters, where the truth is known, and the shipped policy on held-out problems
 * against self-consistency at equal tokens. Markdown rows for docs/techniques.md go to stderr.
 * `npm run bench -- debate audit` also measures every coalition of roles, and shares their worth out (Shapley).
 */
import { fileURLToPath } from 'node:url';
import { plurality } from '../dist/actors/debate/answers.js';
import { Debate } from '../dist/actors/debate/debate.js';
import { debateMetrics } from '../dist/actors/debate/debate-metrics.js';
import { gainOf } from '../dist/actors/debate/gain.js';
import { shapleyValues } from '../dist/actors/debate/shapley.js';
import { NEUTRAL_AGENTS, simulateDebate, sycophancyFlips } from '../dist/actors/debate/simulated.js';
import { Sampler } from '../dist/actors/policy/sampler.js';
import { answersMatch } from '../dist/actors/reward/answer.js';
import { parseCompletion } from '../dist/actors/reward/parse.js';
import { createPolicyText } from '../dist/commands/policy-text.js';
import { heldOutProblems } from '../dist/commands/problems.js';
import { readPolicy } from '../dist/model/policy-files.js';
import { loadTokenizer } from '../dist/model/tokenizer.js';
import { Random } from '../dist/random.js';
import { openRuntime } from '../dist/tensor/device.js';
import { provenance } from './kit.mjs';

const SIMULATED_DEBATES = 20_000;
const PROBLEMS = 300;
const AUDITED_PROBLEMS = 80;
const MAX_ROUNDS = 2;
const TEMPERATURE = 1;
const MAX_TOKENS = 224;
const SEED = 1;
const SLOTS = 64;
const ROLES = ['forward', 'backward', 'skeptic', 'synthesizer'];

export async function benchDebate({ audit = false } = {}) {
  const simulated = simulatedDebates();
  const policy = await openPolicy('models/nano');
  const problems = heldOutProblems(2 * PROBLEMS)
    .filter(({ constraints }) => !constraints)
    .slice(0, PROBLEMS);
  const real = compare(policy, problems);
  const audited = audit ? auditRoles(policy, problems.slice(0, AUDITED_PROBLEMS)) : undefined;
  policy.sampler.release();
  const tables = [simulatedRows(simulated), realRows(real), ...(audited ? [auditRows(audited)] : [])];
  process.stderr.write(`${tables.map((rows) => rows.join('\n')).join('\n\n')}\n`);
  return {
    ...provenance('npm run bench -- debate'),
    benchmark: 'debate',
    simulated,
    real,
    ...(audited ? { audit: audited } : {}),
  };
}

// ---- simulated debaters ---------------------------------------------------------------------------------------------

function simulatedDebates() {
  const measured = [0, 0.1, 0.5].map((correctiveBias) => {
    const options = { ...NEUTRAL_AGENTS, correctiveBias, seed: SEED };
    const results = Array.from({ length: SIMULATED_DEBATES }, (_, index) => simulateDebate(options, index));
    const share = (key) => results.reduce((sum, result) => sum + result[key], 0) / results.length;
    const gain = gainOf(
      results.map(({ first, last }) => last - first),
      new Random(SEED, 'bootstrap', correctiveBias * 100),
      400,
    );
    const shares = Object.fromEntries(
      ['first', 'last', 'firstVote', 'lastVote'].map((key) => [key, share(key)]),
    );
    return { correctiveBias, debates: SIMULATED_DEBATES, ...shares, ...gain };
  });
  const sycophancy = [0, 1, 2, 4].map((deference) => ({
    deference,
    flipRate: sycophancyFlips({ ...NEUTRAL_AGENTS, seed: SEED }, { deference, agents: SIMULATED_DEBATES }),
  }));
  return { measured, sycophancy };
}

// ---- the shipped policy ---------------------------------------------------------------------------------------------

async function openPolicy(name) {
  const directory = fileURLToPath(new URL(`../${name}`, import.meta.url));
  const policy = readPolicy(directory);
  const tokenizer = loadTokenizer(directory);
  const runtime = await openRuntime('auto', 2);
  const capacity = policy.config.maxPositions;
  const sampler = new Sampler({ runtime, ...policy, slots: SLOTS, capacity, stopTokens: tokenizer.eosIds });
  return { sampler, capacity, text: createPolicyText(tokenizer) };
}

/**
 * Samples what `next()` asks for until it has nothing more and nothing is under way; `done(ask, completions)` may make more to ask for.
 * A prompt that leaves no room is answered with unreadable completions of no tokens.
 */
function sampleAll({ sampler, capacity, text }, next, done) {
  const underWay = new Map();
  let count = 0;
  for (;;) {
    while (sampler.load < 2 * SLOTS) {
      const ask = next();
      if (!ask) break;
      const { problem, promptIndex, role = 'forward', turns = [], stream, sampleCount, temperature } = ask;
      const promptTokens = text.encodePrompt(problem.question, role, turns);
      if (promptTokens.length >= capacity) {
        done(
          ask,
          Array.from({ length: sampleCount }, () => ({ answer: null, isRight: false, tokens: 0 })),
        );
        continue;
      }
      const requestId = String(count++);
      underWay.set(requestId, ask);
      const key = { requestId, seed: SEED, update: 0, promptIndex, stream };
      const filters = { topK: 0, topP: 1 };
      sampler.submit({ ...key, ...filters, promptTokens, sampleCount, temperature, maxTokens: MAX_TOKENS });
    }
    if (underWay.size === 0) return;
    for (const { requestId, tokens, lengths } of sampler.step()) {
      const ask = underWay.get(requestId);
      underWay.delete(requestId);
      let end = 0;
      const completions = Array.from(lengths, (length) => {
        end += length;
        return judge(ask.problem, text.decode(tokens.subarray(end - length, end)), length);
      });
      done(ask, completions);
    }
  }
}

function judge({ answer: gold, type }, completion, tokens) {
  const answer = parseCompletion(completion).answer?.trim() || null;
  return { answer, isRight: answer !== null && answersMatch(gold, answer, type), tokens };
}

const sameAnswer =
  ({ type }) =>
  (a, b) =>
    answersMatch(a, b, type) || answersMatch(b, a, type);

/** `sampleCount` forward completions of every problem, by problem. */
function alone(policy, problems, { temperature, sampleCount, stream }) {
  const results = [];
  let next = 0;
  const ask = () =>
    next < problems.length
      ? { problem: problems[next], promptIndex: next++, stream, sampleCount, temperature }
      : null;
  sampleAll(policy, ask, ({ promptIndex }, completions) => {
    results[promptIndex] = completions;
  });
  return results;
}

/** One debate about every problem; `samplesPerTurn` may leave roles out. */
function debates(policy, problems, samplesPerTurn) {
  const all = problems.map((problem, promptIndex) => ({
    problem,
    promptIndex,
    debate: new Debate({
      ...{ samplesPerTurn, maxRounds: MAX_ROUNDS, withCredit: false },
      equivalent: sameAnswer(problem),
    }),
    isRight: new Map(),
  }));
  const queue = [];
  const enqueue = (each) => {
    for (const turn of each.debate.requests())
      if (!each.isRight.has(turn.id)) {
        each.isRight.set(turn.id, []);
        queue.push({ ...each, ...turn, temperature: TEMPERATURE, debated: each });
      }
  };
  all.forEach(enqueue);
  sampleAll(
    policy,
    () => queue.shift(),
    ({ id, debated }, completions) => {
      debated.isRight.set(
        id,
        completions.map(({ isRight }) => isRight),
      );
      const tokenCount = completions.reduce((sum, { tokens }) => sum + tokens, 0);
      debated.debate.accept(id, { answers: completions.map(({ answer }) => answer), tokenCount });
      enqueue(debated);
    },
  );
  return all.map(({ problem, debate, isRight }) => {
    const outcome = debate.end();
    const metrics = debateMetrics(outcome, isRight);
    const given = outcome.turns
      .filter(({ role }) => role !== 'skeptic')
      .flatMap(({ id, answers }) => answers.map((answer, i) => ({ answer, isRight: isRight.get(id)[i] })));
    const { isRight: voteIsRight } = voted(problem, given);
    return { stop: outcome.stop, metrics, voteIsRight };
  });
}

/** The most frequent answer of completions. */
function voted(problem, completions) {
  const chosen = plurality(
    completions.map(({ answer }) => answer),
    sameAnswer(problem),
  );
  return completions[chosen] ?? { answer: null, isRight: false };
}

/** Completions of every problem, one more for each in turn, until they cost as many tokens as `budget`. */
function samplesFor(policy, problems, budget) {
  const taken = problems.map(() => []);
  const perWave = 4;
  let tokens = 0;
  for (let wave = 0; tokens < budget; wave++) {
    const drawn = alone(policy, problems, {
      temperature: TEMPERATURE,
      sampleCount: perWave,
      stream: 1000 + wave,
    });
    for (let sample = 0; sample < perWave; sample++)
      for (const [i, completions] of drawn.entries()) {
        if (tokens >= budget) return { taken, tokens };
        taken[i].push(completions[sample]);
        tokens += completions[sample].tokens;
      }
  }
  return { taken, tokens };
}

function compare(policy, problems) {
  const n = problems.length;
  const start = performance.now();
  const debated = debates(policy, problems, { forward: 1, backward: 1, skeptic: 1, synthesizer: 1 });
  const debateTokens = debated.reduce((sum, { metrics }) => sum + metrics.tokens, 0);
  const greedy = alone(policy, problems, { temperature: 0, sampleCount: 1, stream: 0 }).flat();
  const { taken, tokens: consistencyTokens } = samplesFor(policy, problems, debateTokens);
  const consistent = taken.map((completions, i) => Number(voted(problems[i], completions).isRight));
  const right = {
    greedy: greedy.map(({ isRight }) => Number(isRight)),
    'one sample': taken.map(([first]) => Number(first.isRight)),
    'self-consistency': consistent,
    'best-of-N oracle': taken.map((completions) => Number(completions.some(({ isRight }) => isRight))),
    debate: debated.map(({ metrics }) => metrics.final_correct),
    'debate + vote': debated.map(({ voteIsRight }) => Number(voteIsRight)),
  };
  const total = (values) => values.reduce((sum, value) => sum + value, 0);
  const tokens = {
    greedy: total(greedy.map((each) => each.tokens)),
    'one sample': total(taken.map(([first]) => first.tokens)),
    'self-consistency': consistencyTokens,
    'best-of-N oracle': consistencyTokens,
    debate: debateTokens,
    'debate + vote': debateTokens,
  };
  const rows = Object.keys(right).map((name) => {
    const differences = right[name].map((value, i) => value - consistent[i]);
    return {
      name,
      accuracy: total(right[name]) / n,
      tokensPerProblem: tokens[name] / n,
      againstSelfConsistency: gainOf(differences, new Random(SEED, 'gain', name)),
    };
  });
  const mean = (key) => total(debated.map(({ metrics }) => metrics[key])) / n;
  const stops = ['consensus', 'unchanged', 'rounds'];
  return {
    ...{ problems: n, maxRounds: MAX_ROUNDS, temperature: TEMPERATURE, maxTokens: MAX_TOKENS, seed: SEED },
    seconds: (performance.now() - start) / 1000,
    samplesPerProblem: total(taken.map((completions) => completions.length)) / n,
    tokenRatio: consistencyTokens / debateTokens,
    rows,
    consensus: mean('consensus'),
    falseConsensus: mean('false_consensus'),
    correctIfConsensus: 1 - mean('false_consensus') / mean('consensus'),
    correctToWrong: mean('correct_to_wrong'),
    wrongToCorrect: mean('wrong_to_correct'),
    oracleGap: mean('oracle_gap'),
    rounds: mean('rounds'),
    stops: Object.fromEntries(
      stops.map((rule) => [rule, debated.filter(({ stop }) => stop === rule).length / n]),
    ),
  };
}

/** Accuracy of every coalition of roles, and what each role adds to it. */
function auditRoles(policy, problems) {
  const coalitions = [];
  const shares = shapleyValues(ROLES, (coalition) => {
    const samples = Object.fromEntries(ROLES.map((role) => [role, Number(coalition.includes(role))]));
    const results = debates(policy, problems, samples);
    const accuracy = results.reduce((sum, { metrics }) => sum + metrics.final_correct, 0) / problems.length;
    coalitions.push({ roles: coalition.join(' + ') || 'none', accuracy });
    return accuracy;
  });
  return { problems: problems.length, coalitions, shares };
}

// ---- Markdown -------------------------------------------------------------------------------------------------------

const percent = (share) => (100 * share).toFixed(1);
const signed = (share) => `${share < 0 ? '−' : '+'}${percent(Math.abs(share))}`;

const intervalText = ({ mean, interval: [low, high] }) => `${signed(mean)} [${signed(low)}, ${signed(high)}]`;
const CONCLUSIONS = { gain: 'debate gain', loss: 'debate loss', 'no gain': 'no debate gain' };

function simulatedRows({ measured, sycophancy }) {
  return [
    '| corrective bias | accuracy, first → last round | vote, first → last | gain in points, 95 % interval | the harness says | p |',
    '|---|---|---|---|---|---|',
    ...measured.map(
      (each) =>
        `| ${each.correctiveBias} | ${percent(each.first)} → ${percent(each.last)} | ${percent(each.firstVote)} → ${percent(each.lastVote)} | ${intervalText(each)} | ${CONCLUSIONS[each.conclusion]} | ${each.p.toPrecision(1)} |`,
    ),
    '',
    '| weight of the planted peer | right answers that flip to it, % |',
    '|---|---|',
    ...sycophancy.map(({ deference, flipRate }) => `| ${deference} | ${percent(flipRate)} |`),
  ];
}

function realRows(real) {
  const { rows, problems, samplesPerProblem } = real;
  return [
    `${problems} held-out problems, up to ${real.maxRounds} rounds, temperature ${real.temperature}, self-consistency and the oracle with ${samplesPerProblem.toFixed(1)} samples a problem:`,
    '',
    '| | accuracy, % | tokens a problem | against self-consistency, points, 95 % interval | |',
    '|---|---|---|---|---|',
    ...rows.map(({ name, accuracy, tokensPerProblem, againstSelfConsistency }) => {
      const isItself = name === 'self-consistency';
      const gain = isItself ? '' : intervalText(againstSelfConsistency);
      const conclusion = name.startsWith('debate') ? CONCLUSIONS[againstSelfConsistency.conclusion] : '';
      return `| ${name} | ${percent(accuracy)} | ${tokensPerProblem.toFixed(0)} | ${gain} | ${conclusion} |`;
    }),
    '',
    '| consensus | wrong with consensus | right if consensus | correct → wrong | wrong → correct | right answer given, not taken | rounds |',
    '|---|---|---|---|---|---|---|',
    `| ${[real.consensus, real.falseConsensus, real.correctIfConsensus, real.correctToWrong, real.wrongToCorrect, real.oracleGap].map(percent).join(' | ')} | ${real.rounds.toFixed(2)} |`,
  ];
}

function auditRows({ problems, coalitions, shares }) {
  return [
    `${problems} problems:`,
    '',
    '| roles | accuracy, % |',
    '|---|---|',
    ...coalitions.map(({ roles, accuracy }) => `| ${roles} | ${percent(accuracy)} |`),
    '',
    `| Shapley value in points | ${ROLES.map((role) => `${role} ${signed(shares[role])}`).join(', ')} |`,
  ];
}
