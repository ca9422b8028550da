/** The library in a program: rewards and data of its own, events, stopping, errors, and several runs at once. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import {
  type ConfigInput,
  type Event,
  initialRunState,
  type ProblemRow,
  type RewardFunction,
  reduce,
  type ScoringItem,
  train,
} from '../../src/index.js';
import { withoutTimes } from '../../src/learner/metrics.js';
import { cli, readLines, TINY, temporaryFolder } from '../kit/cli.js';

/** The same as TINY. */
const tiny = (runDir: string, more: ConfigInput = {}): ConfigInput => ({
  updates: 2,
  runDir,
  data: { evaluationProblems: 12 },
  sampling: { promptsPerUpdate: 4, groupSize: 4 },
  ...more,
});
const metricsOf = (run: string) => readLines(run, 'metrics.jsonl').map(withoutTimes);

/** One more for every character, up to 1. */
const brevity = (name: string, weight = 1): RewardFunction => ({
  name,
  weight,
  kind: 'shaping',
  score: (batch) => batch.map(({ completion }) => 1 / (1 + completion.length)),
});

/** Metrics of the first run, which was alone. */
let alone: ReturnType<typeof metricsOf> = [];

t.test('a run of a program is that of the command line, and its events say all of it', async (t) => {
  const folder = temporaryFolder(t);
  const [theirs, ours] = [join(folder, 'theirs'), join(folder, 'ours')];
  const { code } = await cli([...TINY, '--quiet', `--run-dir=${theirs}`]);
  t.equal(code, 0);

  const told: Event[] = [];
  const run = train(tiny('ours'), { workingDirectory: folder, onEvent: (event) => void told.push(event) });
  t.equal(run.state.phase, 'starting');
  const seen: Event[] = [];
  let completed = 0;
  run.events.subscribe({ next: (event) => void seen.push(event), complete: () => void completed++ });
  const summary = await run.summary;
  await new Promise(setImmediate);

  alone = metricsOf(ours);
  t.strictSame(alone, metricsOf(theirs), 'the same metrics, without times');
  t.same(readdirSync(ours).sort(), readdirSync(theirs).sort());
  t.strictSame(JSON.parse(readFileSync(join(ours, 'summary.json'), 'utf8')), summary);
  t.match(summary, { updates: 2, seed: 42, before: { problems: 12 }, runDirectory: ours });
  t.match(summary, { lost: { events: 0, deadLetters: 0 } });
  t.equal(JSON.parse(readFileSync(join(ours, 'config-sources.json'), 'utf8')).updates, 'config');

  const written = readLines(ours, 'events.jsonl');
  t.strictSame(seen as object[], written, 'the stream is the file');
  t.strictSame(told as object[], written, 'so is what onEvent is told');
  t.equal(completed, 1);
  t.match(written.at(0), { type: 'run.started' });
  const rows = readLines(ours, 'metrics.jsonl');
  t.strictSame(
    seen.flatMap((event) =>
      event.type === 'update.completed' ? [{ update: event.update, ...event.metrics }] : [],
    ),
    rows,
  );
  t.strictSame(run.state, seen.reduce(reduce, initialRunState), 'the state is a function of the events');
  t.match(run.state, { phase: 'ended', update: 2, rewards: rows.map(({ reward }) => reward) });
  let late = 0;
  run.events.subscribe({ complete: () => void late++ });
  await new Promise(setImmediate);
  t.equal(late, 1, 'events are over for those who come late');
});

t.test('rewards of the program count, together with those of modules; a Promise does as well', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'one.mjs');
  writeFileSync(
    path,
    "export const name = 'one', weight = 2, kind = 'shaping', score = (batch) => batch.map(() => 1);",
  );
  const scored: ScoringItem[] = [];
  const slow = brevity('slow', 0.5);
  const counted: RewardFunction = {
    ...brevity('short', 0),
    score: (batch) => {
      scored.push(...batch);
      return batch.map(() => 0.25);
    },
  };
  const even: RewardFunction = {
    name: 'even',
    weight: 1,
    kind: 'outcome',
    score: (batch) => batch.map(({ completion }) => (completion.length + 1) % 2),
  };
  const promised = { ...slow, score: async (batch: readonly ScoringItem[]) => slow.score(batch) };
  const run = join(folder, 'run');
  const config = tiny(run, { updates: 1, rewards: { answer: 0 } });
  await t.rejects(train(config).summary, { code: 'CONFIG', message: /no reward says whether/ });
  await train(config, { rewards: [counted, promised, even, pathToFileURL(path)] }).summary;
  const [row] = readLines(run, 'metrics.jsonl') as Record<string, number>[];
  const mean = (name: string): number => row![`rewards/${name}/mean`]!;
  t.equal(mean('short'), 0.25);
  t.equal(mean('one'), 1);
  t.ok(mean('slow') > 0 && mean('slow') < 0.1, `${mean('slow')}`);
  t.ok(row!['outcomes/applied']! > 0, 'an outcome of the program is enough to learn from');
  const sum = mean('even') + 0.1 * mean('format') + 2 + 0.5 * mean('slow');
  t.ok(Math.abs(sum - row!.reward!) < 1e-5, `${sum} and ${row!.reward}`);
  t.equal(scored.length, 16);
  t.ok(
    scored.every(({ question, answer, completion }) =>
      [question, answer, completion].every((x) => x !== undefined),
    ),
  );
  t.notOk(readFileSync(join(run, 'config.json'), 'utf8').includes('short'), 'a function is no configuration');
});

t.test('a reward that throws, hangs or gives too few values is not scored, never 0', async (t) => {
  const run = join(temporaryFolder(t), 'run');
  const broken: Readonly<Record<string, RewardFunction['score']>> = {
    throws: () => {
      throw new Error('no reward today');
    },
    hangs: () => new Promise(() => {}),
    short: () => [1],
    infinite: (batch) => batch.map(() => Number.POSITIVE_INFINITY),
  };
  const rewards = Object.entries(broken).map(([name, score]) => ({ ...brevity(name), score }));
  const handle = train(tiny(run, { updates: 1, rewards: { deadlineMs: 300 } }), { rewards });
  await handle.summary;
  t.match(readLines(run, 'metrics.jsonl'), [{ 'outcomes/scorer_error': 1, 'outcomes/applied': 0 }]);
  const said = handle.state.alarms.map(({ text }) => text).filter((text) => text.includes('failed'));
  t.equal(said.length, 3, 'each once');
  t.match(said.join('\n'), /"throws" failed: no reward today/);
  t.match(said.join('\n'), /"hangs" failed: .* within 300 ms/);
  t.match(said.join('\n'), /"short" failed: .*gave 1 values for 4 completions/);
});

t.test('problems of the program are trained and evaluated on', async (t) => {
  const folder = temporaryFolder(t);
  const sum = (i: number): ProblemRow => ({ id: `sum-${i}`, question: `What is ${i} + 1?`, answer: i + 1 });
  const rows = Array.from({ length: 40 }, (_, i) => sum(i));
  const config = (name: string) => tiny(join(folder, name), { updates: 1 });
  await train(config('parts'), { data: { training: rows.slice(0, 4), evaluation: rows.slice(5, 8) } })
    .summary;
  const asked = readLines(folder, 'parts', 'samples', 'evaluation-000000.jsonl').map(
    ({ question }) => question,
  );
  t.same(
    asked.sort(),
    rows.slice(5, 8).map(({ question }) => question),
  );

  const trained = new Set(
    readLines(folder, 'parts', 'samples', 'rollouts.jsonl').map(({ problem }) => problem),
  );
  t.same([...trained].sort(), ['sum-0', 'sum-1', 'sum-2', 'sum-3']);

  const wrong = [{ question: 'Why?' }] as unknown as ProblemRow[];
  await t.rejects(train(config('wrong'), { data: wrong }).summary, {
    code: 'DATA',
    message: /^data\[0\]: answer is missing/,
  });
  const both = { ...config('wrong'), data: { path: 'x.jsonl' } };
  await t.rejects(train(both, { data: rows }).summary, { code: 'CONFIG', message: /^data\.path with data/ });
  t.notOk(existsSync(join(folder, 'wrong')));
});

t.test('what is wrong rejects the summary with its code, all at once, and nothing is written', async (t) => {
  const folder = temporaryFolder(t);
  const here = { workingDirectory: folder };
  const wrong = {
    updates: -1,
    lerner: { beta: 1 },
    learner: { beta: 'x', los: 'dapo' },
  } as unknown as ConfigInput;
  const run = train(wrong, here);
  let completed = 0;
  run.events.subscribe({ complete: () => void completed++ });
  const error = (await run.summary.catch((error) => error)) as Error;
  t.match(error, { code: 'CONFIG', name: 'DialecticError' });
  for (const line of [
    /updates = -1 \(from config\): expected an integer from 0 to 1000000\./,
    /lerner\.beta = 1 \(from config\): unknown key; did you mean learner\.beta\?/,
    /learner\.beta = "x" \(from config\): expected a number of at least 0\./,
    /learner\.los = "dapo" \(from config\): unknown key; did you mean learner\.loss\?/,
  ])
    t.match(error.message, line);
  await new Promise(setImmediate);
  t.equal(completed, 1, 'the events end too');
  const cases: [config: unknown, code: string][] = [
    [null, 'CONFIG'],
    [[], 'CONFIG'],
    [{ learner: 5 }, 'CONFIG'],
    [{ model: 'not-there' }, 'MODEL_FILE'],
    [{ data: { path: 'not-there.jsonl' } }, 'DATA'],
    [{ rewards: { judge: { url: 'http://localhost:1', model: 'm', keyVariable: 'KEY' } } }, 'CONFIG'],
  ];
  for (const [config, code] of cases)
    await t.rejects(
      train(config as ConfigInput, { ...here, environment: {} }).summary,
      { code },
      JSON.stringify(config),
    );
  const nameless = [{ ...brevity('answer') }];
  await t.rejects(train({}, { ...here, rewards: nameless }).summary, {
    code: 'CONFIG',
    message: /rewards\[0\]/,
  });
  t.same(readdirSync(folder), []);
});

t.test(
  'stop finishes the update in hand, writes a checkpoint and gives the summary; so does a signal',
  async (t) => {
    const folder = temporaryFolder(t);
    const abort = new AbortController();
    for (const name of ['stop', 'signal']) {
      const run = train(tiny(join(folder, name), { updates: 100_000 }), { signal: abort.signal });
      await new Promise<void>((resolve) =>
        run.events.subscribe(({ type }) => {
          if (type === 'update.completed') resolve();
        }),
      );
      if (name === 'stop') void run.stop();
      else abort.abort();
      const summary = await run.summary;
      const rows = readLines(folder, name, 'metrics.jsonl');
      t.ok(rows.length >= 1);
      t.match(summary, { updates: rows.length, after: null, before: { problems: 12 } });
      t.match(run.state, {
        phase: 'ended',
        ending: { reason: 'stopped' },
        checkpoint: { update: rows.length },
      });
      t.equal(await run.stop(), summary, 'stopping again changes nothing');
    }
  },
);

t.test('two runs in one process are what each is alone; a bad listener harms neither', async (t) => {
  const folder = temporaryFolder(t);
  const onEvent = (): never => {
    throw new Error('listener');
  };
  const first = train(tiny(join(folder, 'first')), { onEvent });
  const { runDir: _, ...unnamed } = tiny('', { seed: 7 });
  const second = train(unnamed, { workingDirectory: folder, rewards: [brevity('short')] });
  const [, { runDirectory }] = await Promise.all([first.summary, second.summary]);
  t.strictSame(metricsOf(join(folder, 'first')), alone);
  t.equal(runDirectory, join(folder, 'runs', 'nano-seed7-001'), 'a run without a folder finds one');
  t.ok(readLines(runDirectory, 'metrics.jsonl').every((row) => 'rewards/short/mean' in row));
  t.match(first.state, { phase: 'ended', update: 2, alarms: [{ text: /^events were lost: listener/ }] });
});
