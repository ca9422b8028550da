/**
 * The one decoder-only transformer: Gemma 2, Llama, Qwen 2 and Qwen 3 are configurations of it.
 *
 * Invariants: dense layers run on packed tokens [N, …]; what attention sees is a parameter, so that training
 * (packed-attention.ts) and decoding (cached-decoder.ts) share every other line.
 */
import { add, gelu, mul, silu, tanh } from '../tensor/elementwise.js';
import type { Graph, Tensor } from '../tensor/graph.js';
import { gather } from '../tensor/indexing.js';
import { reshape, split } from '../tensor/movement.js';
import { matmul, rmsNorm } from '../tensor/neural.js';
import type { Shape } from '../tensor/shape.js';
import type { DecoderConfig } from './config.js';
import type { ParameterLayout } from './parameters.js';

/** Parameters of a graph by name; looking up one that does not exist is a programming error. */
export type ParameterTensors = (name: string) => Tensor;

/** Queries [N, H·D], keys and values [N, K·D], none of them rotated; result [N, H·D]. */
export type Attend = (layer: number, queries: Tensor, keys: Tensor, values: Tensor) => Tensor;

/** Declares every parameter as an input of the graph, named as in the layout. */
export function parameterInputs(graph: Graph, layout: ParameterLayout): ParameterTensors {
  const tensors = new Map(
    layout.parameters.map(({ name, shape }) => [name, graph.input(name, 'float32', shape)] as const),
  );
  return (name) => {
    const tensor = tensors.get(name);
    if (!tensor) throw new Error(`the decoder has no parameter named ${name}`);
    return tensor;
  };
}

/** Final hidden states [N, d] of packed token ids [N]. */
export function decode(
  config: DecoderConfig,
  parameter: ParameterTensors,
  tokenIds: Tensor,
  attend: Attend,
): Tensor {
  const norm = (x: Tensor, name: string): Tensor => normalize(config, x, parameter(name));
  let x = gather(parameter('embedding'), tokenIds);
  if (config.embeddingScale !== 1) x = mul(x, config.embeddingScale);
  for (let layer = 0; layer < config.layerCount; layer++) {
    const own = `layers.${layer}`;
    const attended = attentionBlock(config, parameter, layer, norm(x, `${own}.attentionNorm`), attend);
    x = add(x, config.hasPostNorms ? norm(attended, `${own}.attentionPostNorm`) : attended);
    const mixed = mlpBlock(config, parameter, layer, norm(x, `${own}.mlpNorm`));
    x = add(x, config.hasPostNorms ? norm(mixed, `${own}.mlpPostNorm`) : mixed);
  }
  return norm(x, 'finalNorm');
}

/** Logits [M, V] of hidden states [M, d]. `output` is the output table, which is the embedding where they are tied. */
export function logitsOf(config: DecoderConfig, hidden: Tensor, output: Tensor): Tensor {
  const { unit, scale } = unscaledLogits(config, hidden, output);
  return scale === 1 ? unit : mul(unit, scale);
}

/** Logits as scale·unit: who multiplies them by something else anyway saves a pass over the vocabulary. */
export function unscaledLogits(
  config: DecoderConfig,
  hidden: Tensor,
  output: Tensor,
): { unit: Tensor; scale: number } {
  const cap = config.finalSoftcap;
  if (cap === null) return { unit: matmul(hidden, output, { transposeB: true }), scale: 1 };
  // softcap() with its division inside the product
  return { unit: tanh(matmul(hidden, output, { transposeB: true, scale: 1 / cap })), scale: cap };
}

/** The table that turns hidden states into logits. */
export function outputTable(config: DecoderConfig, parameter: ParameterTensors): Tensor {
  return parameter(config.tiedEmbeddings ? 'embedding' : 'output');
}

/** c·tanh(x/c): keeps x within ±c (Gemma 2). */
export function softcap(x: Tensor, cap: number): Tensor {
  return mul(tanh(mul(x, 1 / cap)), cap);
}

function normalize(config: DecoderConfig, x: Tensor, weight: Tensor): Tensor {
  return rmsNorm(x, config.normOffset === 0 ? weight : add(weight, config.normOffset), config.rmsNormEpsilon);
}

function attentionBlock(
  config: DecoderConfig,
  parameter: ParameterTensors,
  layer: number,
  x: Tensor,
  attend: Attend,
): Tensor {
  const own = `layers.${layer}`;
  const [queryRows, keyRows] = [config.headCount * config.headDim, config.kvHeadCount * config.headDim];
  let fused = matmul(x, parameter(`${own}.qkv`), { transposeB: true });
  if (config.hasAttentionBias) fused = add(fused, parameter(`${own}.qkvBias`));
  let [queries, keys, values] = split(fused, 1, [queryRows, keyRows, keyRows]) as [Tensor, Tensor, Tensor];
  if (config.hasQueryKeyNorm) {
    queries = normalizeHeads(config, queries, config.headCount, parameter(`${own}.queryNorm`));
    keys = normalizeHeads(config, keys, config.kvHeadCount, parameter(`${own}.keyNorm`));
  }
  return matmul(attend(layer, queries, keys, values), parameter(`${own}.attentionOut`), { transposeB: true });
}

/** Normalises each head by itself (Qwen 3). */
function normalizeHeads(config: DecoderConfig, x: Tensor, heads: number, weight: Tensor): Tensor {
  const tokens = x.shape[0]!;
  const perHead = reshape(x, [tokens, heads, config.headDim]);
  return reshape(normalize(config, perHead, weight), x.shape as Shape);
}

function mlpBlock(config: DecoderConfig, parameter: ParameterTensors, layer: number, x: Tensor): Tensor {
  const own = `layers.${layer}`;
  const gate = matmul(x, parameter(`${own}.gate`), { transposeB: true });
  const up = matmul(x, parameter(`${own}.up`), { transposeB: true });
  const activated = config.activation === 'silu' ? silu(gate) : gelu(gate);
  return matmul(mul(activated, up), parameter(`${own}.down`), { transposeB: true });
}
