import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { parseDecoderConfig } from '../../../src/model/config.js';
import { huggingFaceConfigText, toHuggingFaceConfig } from '../../../src/model/hugging-face-config.js';
import { fixture } from '../../kit/root.js';

type Json = Record<string, unknown>;

function load(...parts: string[]): Json {
  return JSON.parse(readFileSync(fixture(...parts), 'utf8')) as Json;
}

const published = readdirSync(fixture('configs')).filter((name) => !name.endsWith('.v5.json'));
const tiny = readdirSync(fixture('models'));
const gemma = load('configs', 'gemma-2-2b.json');
const llama = load('configs', 'llama-3.2-1b.json');
const qwen2 = load('configs', 'qwen2.5-0.5b.json');
const qwen3 = load('configs', 'qwen3-0.6b.json');

t.test('Gemma 2 2B reads as what it is', async (t) => {
  t.strictSame(parseDecoderConfig(gemma, 'config.json'), {
    architecture: 'Gemma2ForCausalLM',
    vocabSize: 256000,
    hiddenSize: 2304,
    intermediateSize: 9216,
    layerCount: 26,
    headCount: 8,
    kvHeadCount: 4,
    headDim: 256,
    rmsNormEpsilon: 1e-6,
    ropeTheta: 10000,
    ropeScaling: null,
    activation: 'gelu_tanh',
    normOffset: 1,
    hasPostNorms: true,
    hasQueryKeyNorm: false,
    hasAttentionBias: false,
    attentionScale: 1 / 16, // 256^-1/2
    attentionSoftcap: 50,
    finalSoftcap: 30,
    slidingWindow: 4096,
    layerIsSliding: Array.from({ length: 26 }, (_, layer) => layer % 2 === 0),
    tiedEmbeddings: true, // the file is silent; transformers ties Gemma
    embeddingScale: 48, // 2304^1/2
    maxPositions: 8192,
    bosTokenId: 2,
    eosTokenIds: [1],
    padTokenId: 0,
  });
});

t.test('Gemma 2 27B scales queries by its own scalar, not by the head size', async (t) => {
  const config = parseDecoderConfig(load('configs', 'gemma-2-27b.json'), 'config.json');
  t.equal(config.headDim, 128);
  t.equal(config.attentionScale, 1 / 12); // 144^-1/2
});

t.test('Llama 3.1 and 3.2 read as what they are', async (t) => {
  const small = parseDecoderConfig(llama, 'config.json');
  t.match(small, {
    headDim: 64,
    kvHeadCount: 8,
    activation: 'silu',
    normOffset: 0,
    hasPostNorms: false,
    hasAttentionBias: false,
    attentionScale: 1 / 8,
    attentionSoftcap: null,
    finalSoftcap: null,
    slidingWindow: null,
    tiedEmbeddings: true,
    embeddingScale: 1,
    ropeTheta: 500000,
    ropeScaling: {
      type: 'llama3',
      factor: 32,
      lowFrequencyFactor: 1,
      highFrequencyFactor: 4,
      originalMaxPositions: 8192,
    },
    padTokenId: null,
  });
  t.strictSame(small.layerIsSliding, Array(16).fill(false));
  const instruct = parseDecoderConfig(load('configs', 'llama-3.1-8b-instruct.json'), 'config.json');
  t.equal(instruct.headDim, 128, 'absent head_dim is hidden_size / heads');
  t.strictSame(instruct.eosTokenIds, [128001, 128008, 128009]);
  t.equal(instruct.tiedEmbeddings, false);
});

t.test('Qwen 2.5 has attention biases, Qwen 3 has query and key norms and its own head size', async (t) => {
  const second = parseDecoderConfig(qwen2, 'config.json');
  t.match(second, { hasAttentionBias: true, hasQueryKeyNorm: false, headDim: 64, slidingWindow: null });
  const third = parseDecoderConfig(qwen3, 'config.json');
  t.match(third, { hasAttentionBias: false, hasQueryKeyNorm: true, headDim: 128, ropeTheta: 1e6 });
});

t.test('Qwen windows slide from max_window_layers on, and only when switched on', async (t) => {
  const on = parseDecoderConfig(load('configs', 'qwen2-sliding.json'), 'config.json');
  t.equal(on.slidingWindow, 4096);
  t.strictSame(
    on.layerIsSliding,
    Array.from({ length: 24 }, (_, layer) => layer >= 21),
  );
  const off = parseDecoderConfig(
    { ...load('configs', 'qwen2-sliding.json'), use_sliding_window: false },
    'c',
  );
  t.equal(off.slidingWindow, null);
  t.notOk(off.layerIsSliding.includes(true));
});

t.ok(published.length > 3 && tiny.length > 3, `fixtures: ${published.length} published, ${tiny.length} tiny`);

for (const name of published) {
  t.test(`${name} reads the same as transformers 5 spells it, defaults and all`, async (t) => {
    const classic = parseDecoderConfig(load('configs', name), name);
    t.strictSame(parseDecoderConfig(load('configs', name.replace('.json', '.v5.json')), name), classic);
  });
}

t.test('a written configuration reads back as the same decoder', async (t) => {
  const folders = [
    ...published.map((name) => ['configs', name]),
    ...tiny.map((n) => ['models', n, 'config.json']),
  ];
  for (const folder of folders) {
    const config = parseDecoderConfig(load(...folder), 'config.json');
    const written = JSON.parse(JSON.stringify(toHuggingFaceConfig(config))) as Json;
    t.strictSame(parseDecoderConfig(written, 'written'), config, folder.join('/'));
  }
});

t.test('what is written has the names and values of the published file', async (t) => {
  const notOurs = ['initializer_range', 'transformers_version', 'cache_implementation', 'pretraining_tp'];
  for (const original of [gemma, llama, qwen3]) {
    const kept = Object.fromEntries(Object.entries(original).filter(([key]) => !notOurs.includes(key)));
    const written = toHuggingFaceConfig(parseDecoderConfig(original, 'config.json'));
    t.match(written, { ...kept, max_window_layers: written.max_window_layers, torch_dtype: 'float32' });
  }
});

t.test(
  'the text keeps whole floats as floats and integers as integers, which transformers 5 insists on',
  async (t) => {
    const text = huggingFaceConfigText(parseDecoderConfig(gemma, 'config.json'));
    for (const line of [
      '"final_logit_softcapping": 30.0,',
      '"rope_theta": 10000.0,',
      '"rms_norm_eps": 0.000001,',
    ]) {
      t.ok(text.includes(line), line);
    }
    t.ok(text.includes('"query_pre_attn_scalar": 256,'));
    t.match(huggingFaceConfigText(parseDecoderConfig(llama, 'config.json')), /"factor": 32\.0,/);
    for (const original of [gemma, llama, qwen2, qwen3]) {
      const config = parseDecoderConfig(original, 'config.json');
      t.strictSame(parseDecoderConfig(JSON.parse(huggingFaceConfigText(config)), 'written'), config);
    }
  },
);

t.test('a decoder that its architecture cannot express is not written', async (t) => {
  const config = parseDecoderConfig(llama, 'config.json');
  t.throws(() => toHuggingFaceConfig({ ...config, attentionScale: 0.5 }), {
    code: 'INTERNAL',
    message: /LlamaForCausalLM cannot express attentionScale/,
  });
});

const refusals: [title: string, json: unknown, message: RegExp][] = [
  ['a file that is not an object', [1], /holds \[1\]; expected a Hugging Face model configuration/],
  [
    'an unknown architecture',
    { ...gemma, architectures: ['MambaForCausalLM'] },
    /"architectures".*found \["Mamba/,
  ],
  [
    'a key of Object.prototype as architecture',
    { ...gemma, architectures: ['constructor'] },
    /"architectures"/,
  ],
  ['no architecture', { ...gemma, architectures: undefined }, /"architectures"/],
  [
    'a missing size',
    drop(gemma, 'hidden_size'),
    /"hidden_size" to be an integer of at least 1, but the key is missing/,
  ],
  ['a size as text', { ...gemma, vocab_size: '256000' }, /"vocab_size" to be an integer.*found "256000"/],
  ['a fraction of a layer', { ...gemma, num_hidden_layers: 2.5 }, /"num_hidden_layers"/],
  ['no layers', { ...gemma, num_hidden_layers: 0 }, /"num_hidden_layers"/],
  [
    'key heads that do not divide heads',
    { ...gemma, num_key_value_heads: 3 },
    /a divisor of num_attention_heads \(8\)/,
  ],
  ['an odd head', { ...gemma, head_dim: 15 }, /"head_dim" to be an even integer/],
  ['heads that do not divide the hidden size', { ...llama, head_dim: null, hidden_size: 2047 }, /"head_dim"/],
  [
    'a soft-cap of 0',
    { ...gemma, attn_logit_softcapping: 0 },
    /"attn_logit_softcapping" to be a number above 0/,
  ],
  ['exact GELU', { ...gemma, hidden_activation: 'gelu' }, /"hidden_activation" to be "gelu_pytorch_tanh"/],
  ['another activation', { ...llama, hidden_act: 'relu' }, /"hidden_act" to be "silu" or "swish"/],
  ['attention dropout', { ...llama, attention_dropout: 0.1 }, /"attention_dropout" to be 0/],
  ['attention biases of Llama', { ...llama, attention_bias: true }, /"attention_bias" to be false/],
  ['MLP biases', { ...llama, mlp_bias: true }, /"mlp_bias" to be false/],
  [
    'attention in both directions',
    { ...gemma, use_bidirectional_attention: true },
    /"use_bidirectional_attention"/,
  ],
  ['quantised weights', { ...llama, quantization_config: { bits: 4 } }, /"quantization_config" to be absent/],
  [
    'unknown rope scaling',
    { ...llama, rope_scaling: { rope_type: 'yarn', factor: 4 } },
    /"rope_scaling.rope_type".*"yarn"/,
  ],
  [
    'unknown classic rope scaling',
    { ...llama, rope_scaling: { type: 'dynamic', factor: 4 } },
    /"rope_scaling.type"/,
  ],
  [
    'rope scaling without a factor',
    { ...llama, rope_scaling: { type: 'linear' } },
    /"rope_scaling.factor".*missing/,
  ],
  [
    'equal frequency factors',
    { ...llama, rope_scaling: { ...(llama.rope_scaling as Json), high_freq_factor: 1 } },
    /"rope_scaling.high_freq_factor"/,
  ],
  [
    'rope per layer type',
    { ...drop(llama, 'rope_scaling'), rope_parameters: { full_attention: {} } },
    /one set of rope parameters/,
  ],
  ['partial rotation', { ...llama, partial_rotary_factor: 0.5 }, /"partial_rotary_factor" to be 1/],
  ['too few layer types', { ...gemma, layer_types: ['full_attention'] }, /"layer_types" to be 26 of/],
  ['unknown layer types', { ...gemma, layer_types: Array(26).fill('chunked_attention') }, /"layer_types"/],
  ['sliding layers without a window', { ...gemma, sliding_window: null }, /has sliding layers/],
  ['a negative token', { ...gemma, eos_token_id: [1, -1] }, /"eos_token_id" to be a token id or a list/],
  ['a switch as text', { ...gemma, tie_word_embeddings: 'yes' }, /"tie_word_embeddings" to be true or false/],
];

for (const [title, json, message] of refusals) {
  t.test(`refuses ${title}, naming file and key`, async (t) => {
    const plain = JSON.parse(JSON.stringify(json)) as unknown;
    t.throws(() => parseDecoderConfig(plain, 'some/config.json'), { code: 'MODEL_FILE', message });
    t.throws(() => parseDecoderConfig(plain, 'some/config.json'), { message: /^some\/config\.json: / });
  });
}

t.test(
  'rope parameters: the inner theta wins, rope_scaling before rope_parameters, null is none',
  async (t) => {
    const inner = { ...llama, rope_scaling: null, rope_parameters: { rope_type: 'default', rope_theta: 7 } };
    t.match(parseDecoderConfig(inner, 'c'), { ropeTheta: 7, ropeScaling: null });
    const both = { ...inner, rope_scaling: { type: 'linear', factor: 2 } };
    t.match(parseDecoderConfig(both, 'c'), { ropeTheta: 500000, ropeScaling: { type: 'linear', factor: 2 } });
    const unbounded = {
      ...llama,
      rope_scaling: drop(llama.rope_scaling as Json, 'original_max_position_embeddings'),
    };
    t.match(parseDecoderConfig(unbounded, 'c'), { ropeScaling: { originalMaxPositions: 131072 } });
  },
);

function drop(json: Json, key: string): Json {
  return Object.fromEntries(Object.entries(json).filter(([each]) => each !== key));
}
