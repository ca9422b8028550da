/** Compiles what a sampler runs: prefill of a prompt, and one decode step with sampling for all slots. */
import { cachedDecoder } from '../model/cached-decoder.js';
import type { DecoderConfig } from '../model/config.js';
import { logitsOf, outputTable, parameterInputs } from '../model/decoder.js';
import type { ParameterLayout } from '../model/parameters.js';
import { and, lessOrEqual, where } from '../tensor/elementwise.js';
import { Graph, type Tensor } from '../tensor/graph.js';
import { type Draw, drawFilteredToken, drawToken } from './sampling.js';

/** Most likely tokens among which a filtered draw may choose. */
interface TokenFilter {
  readonly candidates: number;
}

/** One token for each slot; with a filter, `keepCount` and `keepMass` are inputs too. */
export function decodeStepGraph(
  config: DecoderConfig,
  layout: ParameterLayout,
  slots: number,
  capacity: number,
  filter: TokenFilter | null,
): Graph {
  const graph = new Graph();
  const parameter = parameterInputs(graph, layout);
  const hidden = cachedDecoder(graph, config, parameter, { sequences: slots, tokens: 1, capacity });
  const logits = logitsOf(config, hidden, outputTable(config, parameter));
  const uniform = graph.input('uniform', 'float32', [slots]);
  const inverseTemperature = graph.input('inverseTemperature', 'float32', [slots]);
  const plain = drawToken(logits, uniform, inverseTemperature);
  const draw = filter === null ? plain : filterRows(logits, uniform, inverseTemperature, plain, filter);
  graph.output('token', draw.token);
  graph.output('logProb', draw.logProb);
  graph.output('supportLogMass', draw.supportLogMass);
  return graph;
}

/** Filters the rows that ask for it; the others keep the draw they get when no row of the batch is filtered. */
function filterRows(
  logits: Tensor,
  uniform: Tensor,
  inverseTemperature: Tensor,
  plain: Draw,
  { candidates }: TokenFilter,
): Draw {
  const [slots, vocabSize] = logits.shape as [number, number];
  const keepCount = logits.graph.input('keepCount', 'int32', [slots]);
  const keepMass = logits.graph.input('keepMass', 'float32', [slots]);
  const filtered = drawFilteredToken(logits, uniform, inverseTemperature, keepCount, keepMass, candidates);
  const keepsAll = and(lessOrEqual(vocabSize, keepCount), lessOrEqual(1, keepMass));
  return {
    token: where(keepsAll, plain.token, filtered.token),
    logProb: where(keepsAll, plain.logProb, filtered.logProb),
    supportLogMass: where(keepsAll, plain.supportLogMass, filtered.supportLogMass),
  };
}

/** Fills the cache of one sequence from its tokens; no logits, because the decode step feeds the last prompt token. */
export function prefillGraph(config: DecoderConfig, layout: ParameterLayout, capacity: number): Graph {
  const graph = new Graph();
  cachedDecoder(graph, config, parameterInputs(graph, layout), { sequences: 1, tokens: 'S', capacity });
  return graph;
}

/** Logits of one decode step, for comparing the cached decoder with other implementations. */
export function decodeLogitsGraph(
  config: DecoderConfig,
  layout: ParameterLayout,
  slots: number,
  capacity: number,
): Graph {
  const graph = new Graph();
  const parameter = parameterInputs(graph, layout);
  const hidden = cachedDecoder(graph, config, parameter, { sequences: slots, tokens: 1, capacity });
  graph.output('logits', logitsOf(config, hidden, outputTable(config, parameter)));
  return graph;
}
