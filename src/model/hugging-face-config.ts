/**
 * Writes a decoder's configuration as the `config.json` that transformers, llama.cpp and Ollama read.
 *
 * Invariants: the classic key names, which all versions accept; what is written reads back as the same configuration,
 * or an error is thrown.
 */
import { isDeepStrictEqual } from 'node:util';
import { DialecticError } from '../errors.js';
import { type Architecture, type DecoderConfig, parseDecoderConfig } from './config.js';
import { ropeFields } from './rope-config.js';

const MODEL_TYPES: Record<Architecture, string> = {
  Gemma2ForCausalLM: 'gemma2',
  LlamaForCausalLM: 'llama',
  Qwen2ForCausalLM: 'qwen2',
  Qwen3ForCausalLM: 'qwen3',
};

/** The content of `config.json`; write it with huggingFaceConfigText. Throws INTERNAL if the configuration is not one that its architecture can have. */
export function toHuggingFaceConfig(config: DecoderConfig): Record<string, unknown> {
  const eos = config.eosTokenIds;
  const json = {
    architectures: [config.architecture],
    model_type: MODEL_TYPES[config.architecture],
    vocab_size: config.vocabSize,
    hidden_size: config.hiddenSize,
    intermediate_size: config.intermediateSize,
    num_hidden_layers: config.layerCount,
    num_attention_heads: config.headCount,
    num_key_value_heads: config.kvHeadCount,
    head_dim: config.headDim,
    rms_norm_eps: config.rmsNormEpsilon,
    max_position_embeddings: config.maxPositions,
    ...ropeFields(config.ropeTheta, config.ropeScaling),
    ...familyFields(config),
    attention_dropout: 0,
    tie_word_embeddings: config.tiedEmbeddings,
    bos_token_id: config.bosTokenId,
    eos_token_id: eos.length === 0 ? null : eos.length === 1 ? eos[0] : eos,
    pad_token_id: config.padTokenId,
    torch_dtype: 'float32',
    use_cache: true,
  };
  const readBack = parseDecoderConfig(json, 'config.json');
  if (!isDeepStrictEqual(readBack, config)) {
    const keys = Object.keys(config) as (keyof DecoderConfig)[];
    const lost = keys.filter((key) => !isDeepStrictEqual(readBack[key], config[key]));
    const message = `config.json of ${config.architecture} cannot express ${lost.join(', ')} of this decoder`;
    throw new DialecticError('INTERNAL', message);
  }
  return json;
}

/** Keys that transformers 5 refuses to read as integers. */
const FLOAT_KEYS = [
  'attention_dropout',
  'attn_logit_softcapping',
  'factor',
  'final_logit_softcapping',
  'high_freq_factor',
  'low_freq_factor',
  'rms_norm_eps',
  'rope_theta',
];

/** The text of `config.json`: JSON in which a whole float keeps its point (`30.0`), as Python would write it. */
export function huggingFaceConfigText(config: DecoderConfig): string {
  const wholeFloat = new RegExp(`("(?:${FLOAT_KEYS.join('|')})": -?\\d+)(,?)$`, 'gm');
  return `${JSON.stringify(toHuggingFaceConfig(config), null, 2).replace(wholeFloat, '$1.0$2')}\n`;
}

function familyFields(config: DecoderConfig): Record<string, unknown> {
  const slides = config.layerIsSliding;
  const layerTypes = slides.map((isSliding) => (isSliding ? 'sliding_attention' : 'full_attention'));
  switch (config.architecture) {
    case 'Gemma2ForCausalLM':
      return {
        hidden_act: 'gelu_pytorch_tanh',
        hidden_activation: 'gelu_pytorch_tanh',
        attention_bias: false,
        query_pre_attn_scalar: nearestInteger(1 / config.attentionScale ** 2),
        attn_logit_softcapping: config.attentionSoftcap,
        final_logit_softcapping: config.finalSoftcap,
        sliding_window: config.slidingWindow,
        layer_types: layerTypes,
      };
    case 'LlamaForCausalLM':
      return { hidden_act: 'silu', attention_bias: false, mlp_bias: false };
    case 'Qwen2ForCausalLM':
    case 'Qwen3ForCausalLM':
      return {
        hidden_act: 'silu',
        ...(config.architecture === 'Qwen3ForCausalLM' ? { attention_bias: false } : {}),
        use_sliding_window: config.slidingWindow !== null,
        sliding_window: config.slidingWindow,
        // Older readers know only "from this layer on".
        max_window_layers: slides.includes(true) ? slides.indexOf(true) : config.layerCount,
        layer_types: layerTypes,
      };
  }
}

/** Undoes the rounding of a square root: Gemma declares its query scalar as an integer. */
function nearestInteger(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value - rounded) < 1e-9 * value ? rounded : value;
}
