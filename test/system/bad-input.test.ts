/** Wrong arguments, configurations and model files: the exit code, what is said, and that nothing is written. */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type Config, configSchema } from '../../src/config/schema.js';
import { readPolicy } from '../../src/model/policy-files.js';
import { readSafetensors, writeSafetensors } from '../../src/model/safetensors.js';
import { exportWeights } from '../../src/model/weights.js';
import { prepare } from '../../src/training/preflight.js';
import { cli, TINY, temporaryFolder } from '../kit/cli.js';
import { packageRoot } from '../kit/root.js';
import { randomPolicy } from '../kit/tiny-policies.js';

const NANO = join(packageRoot, 'models', 'nano');
const ROW = {
  question: 'Q?',
  answer: 'A',
  type: 'math',
  difficulty: 'easy',
  domain: 'algebra',
  metadata: { source: 'human_authored', verification: 'verifiable', keywords: [] },
};

t.test(
  'a wrong argument or configuration ends with 2, says what to do, and leaves nothing behind',
  async (t) => {
    const cwd = temporaryFolder(t);
    writeFileSync(join(cwd, 'typo.json'), '{\n  "learner": {\n    "learning_rate": 1\n  }\n}');
    writeFileSync(join(cwd, 'cut.json'), '{"seed": 1,');
    writeFileSync(join(cwd, 'few.jsonl'), `${JSON.stringify(ROW)}\n`);
    writeFileSync(join(cwd, 'bad.jsonl'), `${JSON.stringify({ ...ROW, answer: undefined })}\n`);
    const cases: [string[], RegExp][] = [
      [
        ['--set', 'learner.bta=1'],
        /learner\.bta = 1 \(from --set\): unknown key; did you mean learner\.beta\?/,
      ],
      [['--set', 'updates=three'], /updates = "three" \(from --set\): expected an integer from 0 to 1000000/],
      [
        ['--config', 'typo.json'],
        /learning_rate = 1 \(from typo\.json:3\).* did you mean learner\.learningRate\?/,
      ],
      [['--config', 'cut.json'], /cut\.json:1:12: expected .* the file ends here/],
      [['--config', 'missing.json'], /--config missing\.json: cannot be read .* Expected a JSON file/],
      [
        ['--set=sampling.groupSize=1'],
        /sampling\.groupSize = 1 \(from --set\): a group of one has no advantage/,
      ],
      [
        ['--set=learner.delta=1.2'],
        /delta = 1\.2 \(from --set\) with learner\.epsilonHigh = 0\.28 \(from default\)/,
      ],
      [
        ['--set=rewards.answer=0'],
        /rewards\.answer = 0 \(from --set\): no reward says whether a problem was/,
      ],
      [
        ['--actors', 'forwrd=2'],
        /actors\.forwrd = 2 \(from --actors\): unknown key; did you mean actors\.forward/,
      ],
      [['--upddates=1'], /unknown option '--upddates' \(Did you mean --updates\?\)/],
      [['trian'], /unknown command 'trian', did you mean train\?/],
      // What only the policy can tell.
      [
        ['--set=sampling.maxPromptTokens=300'],
        /maxPromptTokens \(300\) \+ .* is 580, the policy has 512 positions/,
      ],
      [['--set=evaluation.maxCompletionTokens=300'], /\+ evaluation\.maxCompletionTokens \(300\) is 532/],
      [
        ['--set=sampling.maxPromptTokens=20'],
        /maxPromptTokens is 20, but the longest held-out prompt has \d+ tokens/,
      ],
      // What only the problems can tell.
      [
        ['--set=data.path=few.jsonl', '--set=data.domains=["code"]'],
        /few\.jsonl has no example of data\.domains \(code\) to train on; name others, or use a larger file/,
      ],
      [['--set=data.path=bad.jsonl'], /bad\.jsonl:1: .*answer/],
      [['--set=data.path=missing.jsonl'], /missing\.jsonl/],
    ];
    const check = async ([args, message]: [string[], RegExp]): Promise<void> => {
      const { code, stdout, stderr } = await cli(args, { cwd });
      t.match({ code, stdout }, { code: 2, stdout: '' }, args.join(' '));
      t.match(stderr, message);
      t.match(stderr, /^error: /);
      t.notMatch(stderr, /\n {4}at |defect/, 'no stack');
    };
    const lane = async (): Promise<void> => {
      for (let next = cases.shift(); next; next = cases.shift()) await check(next);
    };
    await Promise.all([lane(), lane()]);
    t.same(readdirSync(cwd).sort(), ['bad.jsonl', 'cut.json', 'few.jsonl', 'typo.json']);
  },
);

/** A copy of the shipped policy with one thing wrong. */
const DEFECTS: Record<string, { harm: (folder: string) => void; says: RegExp }> = {
  'no weights': {
    harm: (folder) => rmSync(join(folder, 'model.safetensors')),
    says: /no weights; expected model\.safetensors/,
  },
  'truncated weights': {
    harm: (folder) => truncateSync(join(folder, 'model.safetensors'), 100_000),
    says: /model\.safetensors: is 100000 bytes long; its tensors end at \d+: the file is truncated/,
  },
  'empty weights': {
    harm: (folder) => truncateSync(join(folder, 'model.safetensors'), 0),
    says: /model\.safetensors: is 0 bytes long; expected a safetensors file/,
  },
  'weights of another shape': {
    harm: (folder) => edit(folder, 'config.json', { intermediate_size: 64 }),
    says: /tensor model\.layers\.0\.mlp\.\w+\.weight has shape \[.*\], expected \[64,.*\] as config\.json says/,
  },
  'weights of fewer layers': {
    harm: (folder) => edit(folder, 'config.json', { num_hidden_layers: 5, layer_types: undefined }),
    says: /tensor model\.layers\.4\.\S+ is missing, expected shape/,
  },
  'a weight that is NaN': {
    harm: (folder) => setWeight(folder, 7, Number.NaN),
    says: /tensor \S+ has NaN or infinity, expected finite numbers/,
  },
  'another architecture': {
    harm: (folder) => edit(folder, 'config.json', { architectures: ['BertModel'] }),
    says: /config\.json: expected "architectures" .* Gemma2ForCausalLM, .* found \["BertModel"\]/,
  },
  'config.json that is no JSON': {
    harm: (folder) => writeFileSync(join(folder, 'config.json'), 'nope'),
    says: /config\.json is not valid JSON/,
  },
  'no config.json': {
    harm: (folder) => rmSync(join(folder, 'config.json')),
    says: /config\.json is missing, expected a model folder in Hugging Face layout/,
  },
  'heads that the attention kernel cannot do': {
    harm: (folder) => {
      const policy = randomPolicy({ ...readPolicy(folder).config, headDim: 24 }, 1, 0.05);
      edit(folder, 'config.json', { head_dim: 24 });
      writeSafetensors(join(folder, 'model.safetensors'), exportWeights(policy.weights));
    },
    says: /config\.json: head_dim is 24, expected a multiple of 16, .* --set device=tfjs does without/,
  },
  'no tokenizer': {
    harm: (folder) => rmSync(join(folder, 'tokenizer.json')),
    says: /tokenizer\.json: cannot be read .* expected a Hugging Face tokenizer/,
  },
  'no tokenizer settings': {
    harm: (folder) => rmSync(join(folder, 'tokenizer_config.json')),
    says: /tokenizer_config\.json: cannot be read .* expected settings of a Hugging Face tokenizer/,
  },
  'a tokenizer that is no JSON': {
    harm: (folder) => writeFileSync(join(folder, 'tokenizer.json'), '{"version":'),
    says: /tokenizer\.json: is not JSON .* expected a Hugging Face tokenizer/,
  },
  'a tokenizer of a larger vocabulary': {
    harm: (folder) => {
      const { added_tokens: added } = read(folder, 'tokenizer.json') as { added_tokens: object[] };
      edit(folder, 'tokenizer.json', {
        added_tokens: [...added, { ...added[0], id: 9000, content: '<new>' }],
      });
    },
    says: /tokenizer\.json has 9001 tokens, expected at most the \d+ of config\.json \(vocab_size\)/,
  },
};

t.test('model files that are missing, damaged or do not fit together are refused by name', async (t) => {
  const folder = temporaryFolder(t);
  for (const [name, { harm, says }] of Object.entries(DEFECTS)) {
    const path = join(folder, name.replaceAll(/\W+/g, '-'));
    cpSync(NANO, path, { recursive: true });
    harm(path);
    await t.rejects(
      prepare(withModel(path), { workingDirectory: packageRoot }),
      { code: 'MODEL_FILE', message: says },
      name,
    );
    await t.rejects(
      prepare(withModel(path), { workingDirectory: packageRoot }),
      { message: path },
      'the path',
    );
  }
});

t.test('such a refusal ends a run with 3, and nothing is written', async (t) => {
  const cwd = temporaryFolder(t);
  const damaged = join(cwd, 'damaged');
  cpSync(NANO, damaged, { recursive: true });
  truncateSync(join(damaged, 'model.safetensors'), 10_000);
  mkdirSync(join(cwd, 'empty'));
  for (const [model, says] of [
    ['damaged', `${join(damaged, 'model.safetensors')}: is 10000 bytes long`],
    ['empty', `${join(cwd, 'empty', 'config.json')} is missing`],
    ['nowhere', `No policy at ${join(cwd, 'nowhere')} nor at `],
  ] as const) {
    const { code, stdout, stderr } = await cli([...TINY, `--set=model=${model}`], { cwd });
    t.match({ code, stdout }, { code: 3, stdout: '' }, model);
    t.match(stderr, says);
    t.notMatch(stderr, /\n {4}at /, 'no stack');
  }
  const { stderr } = await cli([...TINY, '--set=model=nowhere', '--debug'], { cwd });
  t.match(stderr, /\n {4}at /, 'but with --debug');
  t.same(readdirSync(cwd).sort(), ['damaged', 'empty']);
});

function withModel(model: string): Config {
  return configSchema.parse({ model, data: { evaluationProblems: 2 } });
}

function read(folder: string, name: string): object {
  return JSON.parse(readFileSync(join(folder, name), 'utf8')) as object;
}

function edit(folder: string, name: string, change: object): void {
  writeFileSync(join(folder, name), JSON.stringify({ ...read(folder, name), ...change }));
}

function setWeight(folder: string, index: number, value: number): void {
  const path = join(folder, 'model.safetensors');
  const tensors = readSafetensors(path);
  [...tensors.values()][0]!.data[index] = value;
  writeSafetensors(path, tensors);
}
