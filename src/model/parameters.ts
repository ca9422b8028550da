/**
 * Where each parameter of a decoder lives in one flat float32 array, and what Hugging Face calls it.
 *
 * Invariants:
 * - the query, key and value projections are stored one after another, so that one matrix product serves them;
 * - matrices come first, then vectors, so that weight decay is one contiguous range;
 * - every parameter starts at a multiple of 64 bytes.
 */
import type { DecoderConfig } from './config.js';

const ALIGNMENT = 16; // floats in 64 bytes

/** A Hugging Face tensor inside a parameter: `rows` of its first axis. */
interface ParameterPart {
  readonly name: string;
  readonly rows: number;
}

interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly parts: readonly ParameterPart[];
  /** First element in the flat array. */
  readonly offset: number;
  readonly size: number;
}

export interface ParameterLayout {
  readonly parameters: readonly Parameter[];
  /** Floats in the flat array, gaps included. */
  readonly size: number;
  /** Matrices occupy [0, decayedSize). */
  readonly decayedSize: number;
  /** Parameters without gaps. */
  readonly count: number;
  /** Parameters other than the embedding tables. */
  readonly nonEmbeddingCount: number;
}

type Plan = Omit<Parameter, 'offset' | 'size'>;

/** The layout of all parameters of a decoder. */
export function parameterLayout(config: DecoderConfig): ParameterLayout {
  const plans = planParameters(config);
  const ordered = [
    ...plans.filter((plan) => plan.shape.length === 2),
    ...plans.filter((plan) => plan.shape.length === 1),
  ];
  const parameters: Parameter[] = [];
  let offset = 0;
  let decayedSize = 0;
  for (const plan of ordered) {
    const size = plan.shape.reduce((product, dim) => product * dim, 1);
    parameters.push({ ...plan, offset, size });
    offset += Math.ceil(size / ALIGNMENT) * ALIGNMENT;
    if (plan.shape.length === 2) decayedSize = offset;
  }
  const count = parameters.reduce((total, { size }) => total + size, 0);
  const embeddings = parameters.filter(({ name }) => name === 'embedding' || name === 'output');
  const nonEmbeddingCount = count - embeddings.reduce((total, { size }) => total + size, 0);
  return { parameters, size: offset, decayedSize, count, nonEmbeddingCount };
}

function planParameters(config: DecoderConfig): Plan[] {
  const { hiddenSize: d, intermediateSize, vocabSize } = config;
  const queryRows = config.headCount * config.headDim;
  const keyRows = config.kvHeadCount * config.headDim;
  const plans: Plan[] = [whole('embedding', 'model.embed_tokens.weight', [vocabSize, d])];
  for (let layer = 0; layer < config.layerCount; layer++) {
    const own = `layers.${layer}`;
    const hf = `model.layers.${layer}`;
    const projections = (suffix: string): ParameterPart[] => [
      { name: `${hf}.self_attn.q_proj.${suffix}`, rows: queryRows },
      { name: `${hf}.self_attn.k_proj.${suffix}`, rows: keyRows },
      { name: `${hf}.self_attn.v_proj.${suffix}`, rows: keyRows },
    ];
    const fusedRows = queryRows + 2 * keyRows;
    plans.push({ name: `${own}.qkv`, shape: [fusedRows, d], parts: projections('weight') });
    if (config.hasAttentionBias)
      plans.push({ name: `${own}.qkvBias`, shape: [fusedRows], parts: projections('bias') });
    plans.push(whole(`${own}.attentionOut`, `${hf}.self_attn.o_proj.weight`, [d, queryRows]));
    // Gate and up stay apart: one product of both would have to be cut in two, and joined again for the gradient.
    plans.push(whole(`${own}.gate`, `${hf}.mlp.gate_proj.weight`, [intermediateSize, d]));
    plans.push(whole(`${own}.up`, `${hf}.mlp.up_proj.weight`, [intermediateSize, d]));
    plans.push(whole(`${own}.down`, `${hf}.mlp.down_proj.weight`, [d, intermediateSize]));
    plans.push(whole(`${own}.attentionNorm`, `${hf}.input_layernorm.weight`, [d]));
    if (config.hasPostNorms) {
      plans.push(whole(`${own}.attentionPostNorm`, `${hf}.post_attention_layernorm.weight`, [d]));
      plans.push(whole(`${own}.mlpNorm`, `${hf}.pre_feedforward_layernorm.weight`, [d]));
      plans.push(whole(`${own}.mlpPostNorm`, `${hf}.post_feedforward_layernorm.weight`, [d]));
    } else {
      plans.push(whole(`${own}.mlpNorm`, `${hf}.post_attention_layernorm.weight`, [d]));
    }
    if (config.hasQueryKeyNorm) {
      plans.push(whole(`${own}.queryNorm`, `${hf}.self_attn.q_norm.weight`, [config.headDim]));
      plans.push(whole(`${own}.keyNorm`, `${hf}.self_attn.k_norm.weight`, [config.headDim]));
    }
  }
  plans.push(whole('finalNorm', 'model.norm.weight', [d]));
  if (!config.tiedEmbeddings) plans.push(whole('output', 'lm_head.weight', [vocabSize, d]));
  return plans;
}

function whole(name: string, huggingFaceName: string, shape: readonly number[]): Plan {
  return { name, shape, parts: [{ name: huggingFaceName, rows: shape[0]! }] };
}
