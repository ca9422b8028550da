/**
 * The decoder with a key-value cache: one new token for each of many sequences, or a whole prompt for one.
 *
 * Invariants: caches are inputs and outputs of a run under the names `keys.L`/`nextKeys.L` (values likewise) and may be
 * the same memory; a slot's result depends on that slot's inputs and cache alone.
 */
import type { Graph, Tensor } from '../tensor/graph.js';
import { reshape } from '../tensor/movement.js';
import { cachedAttention } from '../tensor/neural.js';
import type { Dim } from '../tensor/shape.js';
import type { DecoderConfig } from './config.js';
import { type Attend, decode, type ParameterTensors } from './decoder.js';
import { ropeTable } from './rope-table.js';

/**
 * Declares inputs `tokenIds` [sequences × tokens], `lastPositions` [sequences], `longest` [1] and the caches
 * [sequences, kv, capacity, headDim]; gives the hidden states and names the new caches as outputs.
 */
export function cachedDecoder(
  graph: Graph,
  config: DecoderConfig,
  parameter: ParameterTensors,
  { sequences, tokens, capacity }: { sequences: number; tokens: Dim; capacity: number },
): Tensor {
  if (sequences !== 1 && tokens !== 1) throw new Error('several tokens at once need a single sequence');
  const { headCount, kvHeadCount, headDim } = config;
  const packedTokens = tokens === 1 ? sequences : tokens;
  const tokenIds = graph.input('tokenIds', 'int32', [packedTokens]);
  const lastPositions = graph.input('lastPositions', 'int32', [sequences]);
  const longest = graph.input('longest', 'int32', [1]);
  const table = ropeTable(config, capacity);
  const cosines = graph.constant(table.cosines, table.shape);
  const sines = graph.constant(table.sines, table.shape);
  const cacheShape = [sequences, kvHeadCount, capacity, headDim];

  const attend: Attend = (layer, queries, keys, values) => {
    const { attended, keyCache, valueCache } = cachedAttention(
      {
        queries: reshape(queries, [sequences, tokens, headCount * headDim]),
        keys: reshape(keys, [sequences, tokens, kvHeadCount * headDim]),
        values: reshape(values, [sequences, tokens, kvHeadCount * headDim]),
        keyCache: graph.input(`keys.${layer}`, 'float32', cacheShape),
        valueCache: graph.input(`values.${layer}`, 'float32', cacheShape),
        lastPositions,
        longest,
        cosines,
        sines,
      },
      {
        headCount,
        kvHeadCount,
        scale: config.attentionScale,
        softcap: config.attentionSoftcap,
        window: config.layerIsSliding[layer] ? config.slidingWindow : null,
      },
    );
    graph.output(`nextKeys.${layer}`, keyCache);
    graph.output(`nextValues.${layer}`, valueCache);
    return reshape(attended, [packedTokens, headCount * headDim]);
  };
  return decode(config, parameter, tokenIds, attend);
}
