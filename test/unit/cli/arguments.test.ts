/** The command line: what becomes of each option, and what a wrong one is told. */
import t from 'tap';
import { type ParsedArguments, parseArguments } from '../../../src/cli/arguments.js';
import { DialecticError } from '../../../src/errors.js';

function train(...argv: string[]) {
  const parsed = parseArguments(argv, '1.2.3');
  if (parsed.command !== 'train') throw new Error(`parsed as ${parsed.command}`);
  return parsed.options;
}

function complaint(...argv: string[]): string {
  try {
    parseArguments(argv, '1.2.3');
  } catch (error) {
    t.ok(error instanceof DialecticError && error.exitCode === 2, 'a wrong argument exits with 2');
    return (error as Error).message;
  }
  return 'accepted';
}

function text(parsed: ParsedArguments): string {
  return parsed.command === 'help' ? parsed.options.text : '';
}

t.test('no arguments mean training with nothing set', async (t) => {
  t.same(train(), {
    sets: [],
    flags: [],
    dryRun: false,
    json: false,
    quiet: false,
    color: true,
    debug: false,
  });
  t.same(train('train'), train());
});

t.test('every option arrives, and options for configuration keys stay text', async (t) => {
  const options = train(
    ...['--config', 'c.json', '--set', 'learner.beta=0.1', '--set', 'model=a=b', '--updates', 'many'],
    ...['--seed', '7', '--actors', 'forward=4, scorer=2', '--threads', '2', '--run-dir', 'here'],
    ...['--dry-run', '--json', '--quiet', '--no-color', '--debug'],
  );
  t.same(options, {
    file: 'c.json',
    sets: [
      ['learner.beta', '0.1'],
      ['model', 'a=b'],
    ],
    flags: [
      { flag: '--actors', key: 'actors.forward', text: '4' },
      { flag: '--actors', key: 'actors.scorer', text: '2' },
      { flag: '--updates', key: 'updates', text: 'many' },
      { flag: '--seed', key: 'seed', text: '7' },
      { flag: '--threads', key: 'threads', text: '2' },
      { flag: '--run-dir', key: 'runDir', text: 'here' },
    ],
    dryRun: true,
    json: true,
    quiet: true,
    color: false,
    debug: true,
  });
});

t.test('one parse leaves nothing behind for the next', async (t) => {
  train('--set', 'a=1', '--actors', 'forward=1');
  t.same(train().sets, []);
  t.same(train().flags, []);
});

t.test('a wrong option is told the nearest right one', async (t) => {
  t.equal(complaint('--updatess', '3'), "unknown option '--updatess' (Did you mean --updates?) See --help.");
  t.match(
    complaint('trian'),
    /^unknown command 'trian', did you mean train\? Commands: train, pretrain, data/,
  );
  t.match(complaint('xyzzy'), /unknown command 'xyzzy'. Commands: train/);
  t.match(complaint('train', 'extra'), /too many arguments/);
  t.match(complaint('--config'), /argument missing/);
});

t.test('malformed --set and --actors say what they expect', async (t) => {
  t.match(complaint('--set', 'learner.beta'), /Expected key=value/);
  t.match(complaint('--set', '=3'), /Expected key=value/);
  t.match(complaint('--actors', 'forward'), /Expected kinds with counts/);
  t.match(complaint('--actors', 'forward=1=2'), /Expected kinds with counts/);
  t.match(complaint('--actors', ''), /Expected kinds with counts/);
});

t.test('help lists every option and command, and nothing is printed', async (t) => {
  for (const parsed of [parseArguments(['--help'], '1'), parseArguments(['help'], '1')]) {
    for (const word of ['--config', '--set', '--updates', '--seed', '--actors', '--threads', '--run-dir']) {
      t.match(text(parsed), word);
    }
    for (const word of [
      '--dry-run',
      '--json',
      '--quiet',
      '--no-color',
      '--debug',
      'pretrain',
      'Exit codes',
    ]) {
      t.match(text(parsed), word);
    }
  }
  t.match(text(parseArguments(['pretrain', '--help'], '1')), '--tokens');
  t.match(text(parseArguments(['help', 'pretrain'], '1')), '--tokens');
  t.equal(text(parseArguments(['--version'], '1.2.3')), '1.2.3\n');
});

t.test('pretrain has its own options, checked at once', async (t) => {
  const parsed = parseArguments(['pretrain', '--out', 'm', '--tokens', '1e3', '--seed', '0', '--json'], '1');
  t.match(parsed, { command: 'pretrain', options: { out: 'm', tokens: 1000, seed: 0, json: true } });
  t.match(
    complaint('pretrain', '--tokens', 'all'),
    /'--tokens <n>' argument 'all' is invalid. Expected an integer/,
  );
  t.match(complaint('pretrain', '--seed', '-1'), /integer from 0/);
  t.match(complaint('pretrain', '--updates', '3'), /unknown option '--updates'/);
});

t.test('data takes a seed, a folder and whether to augment', async (t) => {
  t.same(parseArguments(['data'], '1'), {
    command: 'data',
    options: { augment: false, json: false, color: true, debug: false },
  });
  t.match(parseArguments(['data', '--seed', '7', '--out', 'd', '--augment', '--json'], '1'), {
    options: { seed: 7, out: 'd', augment: true, json: true },
  });
  t.match(complaint('data', '--seed', 'x'), /integer from 0/);
  t.match(complaint('dta'), /did you mean data/);
  t.match(text(parseArguments(['help', 'data'], '1')), /--augment/);
});

t.test('data and eval say how a file is laid out and what a bad row does', async (t) => {
  const layout = ['--fields', 'question=task.prompt, answer=gold', '--on-bad-row', 'skip'];
  const fields = { question: 'task.prompt', answer: 'gold' };
  t.match(parseArguments(['data', '--check', 'f', ...layout], '1'), {
    options: { check: 'f', fields, onBadRow: 'skip' },
  });
  t.match(parseArguments(['eval', '--data', 'f', '--format', 'gsm8k'], '1'), {
    options: { format: 'gsm8k' },
  });
  for (const [argv, says] of [
    [['eval', ...layout], /need a file: --data <file>/],
    [['data', ...layout], /need a file: --check <file>/],
    [['eval', '--data', 'f', '--format', 'own', ...layout], /give one of them/],
    [['eval', '--data', 'f', '--format', 'csv'], /Allowed choices are own, gsm8k, messages/],
    [['eval', '--data', 'f', '--on-bad-row', 'ask'], /Allowed choices are fail, skip/],
    [['eval', '--data', 'f', '--fields', 'question'], /Expected ours=theirs/],
    [['eval', '--data', 'f', '--fields', 'question=q'], /question and answer/],
    [['eval', '--data', 'f', '--fields', 'question=q,answer=a,hint=h'], /no field hint; expected question/],
    [['data', '--check', 'f', '--seed', '1'], /--seed and --augment are for writing/],
  ] as const) {
    t.match(complaint(...argv), says);
  }
});

t.test('eval takes several rewards', async (t) => {
  const parsed = parseArguments(['eval', '--rewards', 'a.mjs', '--rewards', 'b.mjs'], '1');
  t.match(parsed, { options: { rewards: ['a.mjs', 'b.mjs'] } });
  t.notMatch(parseArguments(['eval'], '1').options, { rewards: [] });
});

t.test('solve takes one question, and a temperature of 0', async (t) => {
  t.same(parseArguments(['solve', 'Why?'], '1'), {
    command: 'solve',
    options: { question: 'Why?', json: false, quiet: false, color: true, debug: false },
  });
  const more = [
    '--strategy',
    'tree',
    '--budget',
    '1e3',
    '--samples',
    '4',
    '--temperature',
    '0',
    '--max-tokens',
    '9',
  ];
  t.match(parseArguments(['solve', ...more, '--', '-3 + 5?'], '1').options, {
    question: '-3 + 5?',
    strategy: 'tree',
    budget: 1000,
    samples: 4,
    temperature: 0,
    maxTokens: 9,
  });
  t.match(complaint('solve', 'Why?', '--temperature', '-1'), /above 0/);
  t.match(complaint('solve', 'Why?', '--temperature', ''), /above 0/);
  for (const [argv, says] of [
    [[], /missing required argument 'question'/],
    [[' \n'], /the question is empty/],
    [['What', 'is'], /put it in quotes/],
    [['Q', '--strategy=anneal'], /learns from rewards, and one question gives none/],
    [['Q', '--strategy=best'], /Expected forward, backward, debate, tree/],
    [['Q', '--budge=3'], /Did you mean --budget/],
    [['Q', '--budget=0'], /integer from 1/],
  ] as const) {
    t.match(complaint('solve', ...argv), says);
  }
  t.match(complaint('slove'), /did you mean solve/);
  t.match(text(parseArguments(['solve', '--help'], '1')), /Exit codes: 0 an answer was found/);
});
