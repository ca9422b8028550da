import { cpSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { compareRuntimes } from '../../../src/doctor/conformance.js';
import { type CheckResult, examine } from '../../../src/doctor/doctor.js';
import { samplerLearnerParity } from '../../../src/doctor/parity.js';
import type { Runtime } from '../../../src/tensor/runtime.js';
import { createTensorflowRuntime } from '../../../src/tensor/tfjs.js';
import { temporaryFolder } from '../../kit/cli.js';
import { packageRoot } from '../../kit/root.js';
import { nanoPolicy, runtime } from '../../kit/tiny-policies.js';

const NANO = join(packageRoot, 'models', 'nano');

const examined = (model: string, workingDirectory: string, nodeVersion = '20.0.0'): Promise<CheckResult[]> =>
  examine({ model, workingDirectory, packageRoot, nodeVersion });

t.test('all is well with the shipped policy, and nothing is left behind', async (t) => {
  const folder = temporaryFolder(t);
  const results = await examined(NANO, folder);
  for (const { name, status, detail } of results) t.equal(status, 'pass', `${name}: ${detail}`);
  t.equal(results.length, 9);
  t.notOk(existsSync(join(folder, 'runs')));
});

t.test('damage is found, with a cause and a fix, and the other checks still run', async (t) => {
  const copy = (change: (model: string) => void): string => {
    const model = join(temporaryFolder(t), 'model');
    cpSync(NANO, model, { recursive: true });
    change(model);
    return model;
  };
  const statusOf = async (model: string, nodeVersion?: string): Promise<Record<string, string>> => {
    const results = await examined(model, temporaryFolder(t), nodeVersion);
    for (const { name, status, detail, fix } of results) {
      t.ok(detail !== '' && (status !== 'fail' || (fix ?? '') !== ''), `${name}: ${detail} -> ${fix}`);
    }
    return Object.fromEntries(results.map(({ name, status }) => [name, status]));
  };
  t.match(await statusOf('not-there', '18.20.1'), {
    node: 'fail',
    policy: 'fail',
    tokenizer: 'skip',
    rewards: 'pass',
    operators: 'pass',
  });
  const cut = copy((model) => truncateSync(join(model, 'model.safetensors'), 5000));
  t.match(await statusOf(cut), { policy: 'fail', 'sampler and learner': 'skip', node: 'pass' });
  const templateless = copy((model) => {
    writeFileSync(join(model, 'chat_template.jinja'), '{{ bos_token }}nothing');
    const path = join(model, 'tokenizer_config.json');
    const config = JSON.parse(readFileSync(path, 'utf8')) as { chat_template?: string };
    writeFileSync(path, JSON.stringify({ ...config, chat_template: undefined }));
  });
  t.match(await statusOf(templateless), { policy: 'pass', tokenizer: 'pass', 'chat template': 'fail' });
});

t.test('runtimes that agree are told from one that does not', async (t) => {
  const cpu = await createTensorflowRuntime({ backend: 'cpu' });
  const { operators, difference } = await compareRuntimes(runtime, cpu);
  t.ok(operators.length >= 38, operators.join(' '));
  t.ok(difference <= 1e-5, `${difference}`);
  const crooked: Runtime = {
    name: 'crooked',
    compile(graph) {
      const executable = cpu.compile(graph);
      return {
        run(inputs, into) {
          const outputs = executable.run(inputs, into);
          const { entropies } = outputs;
          if (entropies) (entropies.data as Float32Array)[0]! += 1e-3;
          return outputs;
        },
        release: () => executable.release(),
      };
    },
  };
  const found = await compareRuntimes(runtime, crooked);
  t.ok(found.difference > 1e-4, `${found.difference}`);
  t.equal(found.worst, 'entropies');
});

t.test('sampler and learner agree on a policy', async (t) => {
  const prompts = [Int32Array.of(1, 2, 3), Int32Array.of(4, 5, 6, 7, 8)];
  const { difference, tokens } = await samplerLearnerParity(runtime, nanoPolicy(1), prompts, []);
  t.equal(tokens, 2 * 2 * 48);
  t.ok(difference < 1e-4, `${difference}`);
});
