/**
 * What a decoder is: the sizes and switches that turn the one decoder definition into Gemma 2, Llama, Qwen 2 or Qwen 3,
 * read from a Hugging Face `config.json`.
 *
 * Invariants:
 * - defaults are those of transformers' configuration classes; the five sizes must be written in the file;
 * - a feature that the decoder does not compute is refused, never ignored;
 * - `slidingWindow` is null exactly when no layer slides.
 */
import { type JsonFields, jsonObject, modelFileError } from './json-fields.js';
import { parseRope, type RopeScaling } from './rope-config.js';

export type { RopeScaling } from './rope-config.js';

export type Architecture = 'Gemma2ForCausalLM' | 'LlamaForCausalLM' | 'Qwen2ForCausalLM' | 'Qwen3ForCausalLM';

export interface DecoderConfig {
  readonly architecture: Architecture;
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layerCount: number;
  readonly headCount: number;
  /** Divides headCount; each key/value head serves headCount / kvHeadCount query heads. */
  readonly kvHeadCount: number;
  /** Channels per head, even; headCount · headDim need not be hiddenSize. */
  readonly headDim: number;
  readonly rmsNormEpsilon: number;
  readonly ropeTheta: number;
  readonly ropeScaling: RopeScaling;
  readonly activation: 'gelu_tanh' | 'silu';
  /** Norms multiply by normOffset + weight: 1 in Gemma, else 0. */
  readonly normOffset: 0 | 1;
  /** A second norm after attention and after the MLP, before the residual sum. */
  readonly hasPostNorms: boolean;
  /** Norms of each query and key head, before rotation. */
  readonly hasQueryKeyNorm: boolean;
  /** Biases of the query, key and value projections (never of the output projection). */
  readonly hasAttentionBias: boolean;
  /** Factor of query · key. */
  readonly attentionScale: number;
  /** c of c·tanh(score / c) before the mask, or null. */
  readonly attentionSoftcap: number | null;
  /** c of c·tanh(logit / c), or null. */
  readonly finalSoftcap: number | null;
  /** A sliding layer's query at i sees keys j with 0 <= i − j < slidingWindow. */
  readonly slidingWindow: number | null;
  readonly layerIsSliding: readonly boolean[]; // [layerCount]
  readonly tiedEmbeddings: boolean;
  /** Factor of the input embeddings. */
  readonly embeddingScale: number;
  readonly maxPositions: number;
  readonly bosTokenId: number | null;
  readonly eosTokenIds: readonly number[];
  readonly padTokenId: number | null;
}

/** What transformers assumes where a file is silent. */
interface FamilyDefaults {
  readonly kvHeadCount: number | null; // null: as many as query heads
  readonly headDim: number | null; // null: hiddenSize / headCount
  readonly maxPositions: number;
  readonly tiedEmbeddings: boolean;
  readonly bosTokenId: number | null;
  readonly eosTokenIds: readonly number[];
  readonly padTokenId: number | null;
}

const NO_TOKENS = { bosTokenId: null, eosTokenIds: [], padTokenId: null };
const QWEN = { kvHeadCount: 32, maxPositions: 32768, tiedEmbeddings: false, ...NO_TOKENS };

const FAMILIES: Record<Architecture, FamilyDefaults> = {
  Gemma2ForCausalLM: {
    kvHeadCount: 4,
    headDim: 256,
    maxPositions: 8192,
    tiedEmbeddings: true,
    bosTokenId: 2,
    eosTokenIds: [1],
    padTokenId: 0,
  },
  LlamaForCausalLM: {
    kvHeadCount: null,
    headDim: null,
    maxPositions: 2048,
    tiedEmbeddings: false,
    bosTokenId: 1,
    eosTokenIds: [2],
    padTokenId: null,
  },
  Qwen2ForCausalLM: { ...QWEN, headDim: null },
  Qwen3ForCausalLM: { ...QWEN, headDim: 128 },
};

/**
 * Reads a parsed `config.json`; `path` names it in errors.
 * Throws MODEL_FILE for an unknown architecture, a missing or mistyped field, or a feature that is not supported.
 */
export function parseDecoderConfig(json: unknown, path: string): DecoderConfig {
  const fields = jsonObject(json, path, 'a Hugging Face model configuration');
  const architecture = parseArchitecture(fields);
  const family = FAMILIES[architecture];
  refuseUnsupported(fields, architecture);

  const hiddenSize = fields.integer('hidden_size', 1);
  const layerCount = fields.integer('num_hidden_layers', 1);
  const headCount = fields.integer('num_attention_heads', 1);
  const kvDefault = fields.isNull('num_key_value_heads') ? headCount : (family.kvHeadCount ?? headCount);
  const kvHeadCount = fields.integer('num_key_value_heads', 1, kvDefault);
  if (headCount % kvHeadCount !== 0) {
    fields.refuse('num_key_value_heads', `a divisor of num_attention_heads (${headCount})`);
  }
  const splitDim = hiddenSize / headCount;
  const headDim = fields.integer(
    'head_dim',
    2,
    fields.isNull('head_dim') ? splitDim : (family.headDim ?? splitDim),
  );
  if (headDim % 2 !== 0)
    fields.refuse('head_dim', 'an even integer (rotary positions turn pairs of channels)');
  const maxPositions = fields.integer('max_position_embeddings', 1, family.maxPositions);
  const rope = parseRope(fields, maxPositions);
  const isGemma = architecture === 'Gemma2ForCausalLM';

  return {
    architecture,
    vocabSize: fields.integer('vocab_size', 1),
    hiddenSize,
    intermediateSize: fields.integer('intermediate_size', 1),
    layerCount,
    headCount,
    kvHeadCount,
    headDim,
    rmsNormEpsilon: fields.positive('rms_norm_eps', 1e-6),
    ropeTheta: rope.theta,
    ropeScaling: rope.scaling,
    activation: parseActivation(fields, isGemma),
    normOffset: isGemma ? 1 : 0,
    hasPostNorms: isGemma,
    hasQueryKeyNorm: architecture === 'Qwen3ForCausalLM',
    hasAttentionBias: architecture === 'Qwen2ForCausalLM',
    attentionScale: 1 / Math.sqrt(isGemma ? fields.positive('query_pre_attn_scalar', 256) : headDim),
    attentionSoftcap: isGemma ? parseSoftcap(fields, 'attn_logit_softcapping', 50) : null,
    finalSoftcap: isGemma ? parseSoftcap(fields, 'final_logit_softcapping', 30) : null,
    ...parseWindow(fields, architecture, layerCount),
    tiedEmbeddings: fields.boolean('tie_word_embeddings', family.tiedEmbeddings),
    embeddingScale: isGemma ? Math.sqrt(hiddenSize) : 1,
    maxPositions,
    bosTokenId: fields.tokenId('bos_token_id', family.bosTokenId),
    eosTokenIds: fields.has('eos_token_id') ? fields.tokenIds('eos_token_id') : family.eosTokenIds,
    padTokenId: fields.tokenId('pad_token_id', family.padTokenId),
  };
}

function parseArchitecture(fields: JsonFields): Architecture {
  const value = fields.raw('architectures');
  const name: unknown = Array.isArray(value) && value.length === 1 ? value[0] : undefined;
  if (typeof name === 'string' && Object.hasOwn(FAMILIES, name)) return name as Architecture;
  return fields.refuse('architectures', `a list with one of ${Object.keys(FAMILIES).join(', ')}`);
}

/** Switches that change what the network computes, or how its weights are stored, in ways the decoder does not follow. */
function refuseUnsupported(fields: JsonFields, architecture: Architecture): void {
  if (fields.number('attention_dropout', 0, 0) !== 0) {
    fields.refuse('attention_dropout', '0 (dropout is not supported)');
  }
  for (const key of ['attention_bias', 'mlp_bias', 'use_bidirectional_attention', 'use_mrope']) {
    if (fields.boolean(key, false)) fields.refuse(key, `false (not supported for ${architecture})`);
  }
  if (fields.object('quantization_config')) {
    fields.refuse(
      'quantization_config',
      'absent: quantised weights are not supported, use the float checkpoint',
    );
  }
}

function parseActivation(fields: JsonFields, isGemma: boolean): DecoderConfig['activation'] {
  if (isGemma) {
    // Gemma files also carry `hidden_act`, which transformers ignores.
    fields.choice('hidden_activation', ['gelu_pytorch_tanh'], 'gelu_pytorch_tanh');
    return 'gelu_tanh';
  }
  fields.choice('hidden_act', ['silu', 'swish'], 'silu');
  return 'silu';
}

function parseSoftcap(fields: JsonFields, key: string, fallback: number): number | null {
  return fields.isNull(key) ? null : fields.positive(key, fallback);
}

/** Which layers slide: `layer_types` if written, else each family's rule. */
function parseWindow(
  fields: JsonFields,
  architecture: Architecture,
  layerCount: number,
): Pick<DecoderConfig, 'slidingWindow' | 'layerIsSliding'> {
  const isGemma = architecture === 'Gemma2ForCausalLM';
  const isQwen = architecture === 'Qwen2ForCausalLM' || architecture === 'Qwen3ForCausalLM';
  const hasWindow = isGemma || (isQwen && fields.boolean('use_sliding_window', false));
  const size =
    !hasWindow || fields.isNull('sliding_window') ? null : fields.integer('sliding_window', 1, 4096);
  let layerIsSliding = parseLayerTypes(fields, layerCount);
  if (layerIsSliding === null && isGemma) {
    layerIsSliding = Array.from({ length: layerCount }, (_, layer) => layer % 2 === 0);
  } else if (layerIsSliding === null) {
    const firstSliding = isQwen && size !== null ? fields.integer('max_window_layers', 0, 28) : layerCount;
    layerIsSliding = Array.from({ length: layerCount }, (_, layer) => layer >= firstSliding);
  }
  if (!layerIsSliding.includes(true)) return { slidingWindow: null, layerIsSliding };
  if (size === null) {
    throw modelFileError(
      fields.path,
      'has sliding layers; expected "sliding_window" to be switched on, with a size',
    );
  }
  return { slidingWindow: size, layerIsSliding };
}

function parseLayerTypes(fields: JsonFields, layerCount: number): boolean[] | null {
  const types = fields.raw('layer_types') ?? null;
  if (types === null) return null;
  const isList = Array.isArray(types) && types.length === layerCount;
  if (!isList || !types.every((type) => type === 'full_attention' || type === 'sliding_attention')) {
    fields.refuse('layer_types', `${layerCount} of "full_attention" or "sliding_attention"`);
  }
  return (types as string[]).map((type) => type === 'sliding_attention');
}
