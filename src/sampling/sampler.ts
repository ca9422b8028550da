/**
 * Continuous batching: many requests for completions share the slots of one decode step.
 *
 * Invariants:
 * - a prompt is prefilled once, whatever the number of its completions, and not again while its cache is kept; the tokens behind
 *   it are always decoded, one at a time, or copied from where that has been done;
 * - a slot whose sequence ends takes the next waiting one before the next step;
 * - a completion is a function of (weights, request, sample index): uniforms are keyed by (seed, update, prompt,
 *   stream, sample, position) and every step has the same shape, so nothing depends on what else is in the batch.
 */

import { DialecticError } from '../errors.js';
import type { DecoderConfig } from '../model/config.js';
import type { Weights } from '../model/weights.js';
import { keyedUniform } from '../random.js';
import { type Executable, integers, type Runtime, type Value, type Values } from '../tensor/runtime.js';
import { decodeStepGraph, prefillGraph } from './decode-graph.js';
import { KvCache } from './kv-cache.js';
import { type KnownPrefix, PrefixStore } from './prefix-store.js';

/** Samples of a request that have random numbers of their own. */
const MAX_SAMPLES = 0x10000;
/** Stands for temperature 0: only tokens of the largest logit keep any mass. */
const GREEDY_INVERSE_TEMPERATURE = 1e30;
const MIN_KEPT_BYTES = 64 << 20;
const NO_TOKENS = new Int32Array(0);

export interface SamplingRequest {
  readonly requestId: string;
  readonly promptTokens: Int32Array; // [P]
  /** Beginning of the completions, sampled before: they go on behind it. None if left out. */
  readonly prefixTokens?: Int32Array | undefined; // [K]
  readonly sampleCount: number;
  /** Of each completion, not counting the prefix. */
  readonly maxTokens: number;
  /** 0 is greedy. */
  readonly temperature: number;
  /** 0 keeps all. */
  readonly topK: number;
  /** 1 keeps all. */
  readonly topP: number;
  /** Words of the random key. */
  readonly seed: number;
  readonly update: number;
  readonly promptIndex: number;
  readonly stream: number;
  /** Requests that continue these completions will come. */
  readonly keepsCaches?: boolean | undefined;
}

/** The completions of one request, one after another. */
export interface SampledCompletions {
  readonly requestId: string;
  readonly tokens: Int32Array; // [ΣT], stop tokens included
  readonly lengths: Int32Array; // [G]
  readonly logProbs: Float32Array; // [ΣT]
  readonly supportLogMass: Float32Array; // [ΣT]
  readonly stopped: Uint8Array; // [G]: 1 if ended by a stop token, 0 if cut off
}

export interface SamplerOptions {
  readonly runtime: Runtime;
  readonly config: DecoderConfig;
  readonly weights: Weights;
  readonly slots: number;
  /** Positions of a slot: prompt and completion together. */
  readonly capacity: number;
  readonly stopTokens: readonly number[];
  /** Memory for caches of prompts and completions that may be continued; if left out, as much as the slots take, at least 64 MiB. */
  readonly maxKeptBytes?: number;
  /** Called with every token as it is drawn, stop tokens included. */
  readonly onToken?: (requestId: string, sample: number, token: number) => void;
}

interface Pending {
  readonly request: SamplingRequest;
  readonly prefixTokens: Int32Array;
  /** Null until the first sample gets a slot. */
  known: KnownPrefix | null;
  readonly tokens: number[][]; // by sample
  readonly logProbs: number[][];
  readonly supportLogMass: number[][];
  readonly stopped: Uint8Array;
  nextSample: number;
  unfinished: number;
}

interface Slot {
  pending: Pending;
  sample: number;
  position: number; // of the token about to be fed
}

export class Sampler {
  /** Decode steps run; tokens drawn by them; tokens of prompts prefilled; tokens of prefixes decoded again. */
  readonly counters = { steps: 0, tokens: 0, prefilledTokens: 0, replayedTokens: 0 };
  readonly #cache: KvCache;
  readonly #slots: (Slot | null)[];
  readonly #waiting: Pending[] = [];
  readonly #store: PrefixStore;
  readonly #stopTokens: ReadonlySet<number>;
  readonly #plainStep: Executable;
  #filteredStep: Executable | null = null;
  readonly #prefill: Executable;
  readonly #prefillCache: KvCache;
  readonly #state: StepState;
  #weights: Values;

  constructor(private readonly options: SamplerOptions) {
    const { runtime, config, weights, slots, capacity } = options;
    this.#cache = new KvCache(config, slots, capacity);
    this.#store = new PrefixStore(options.maxKeptBytes ?? Math.max(MIN_KEPT_BYTES, this.#cache.byteLength));
    this.#slots = new Array(slots).fill(null);
    this.#stopTokens = new Set(options.stopTokens);
    this.#plainStep = runtime.compile(decodeStepGraph(config, weights.layout, slots, capacity, null));
    this.#prefill = runtime.compile(prefillGraph(config, weights.layout, capacity));
    this.#prefillCache = new KvCache(config, 1, capacity);
    this.#state = new StepState(slots);
    this.#weights = weights.values;
  }

  /** Sequences that are decoded together. */
  get slotCount(): number {
    return this.options.slots;
  }

  /** Sequences being decoded or waiting for a slot. */
  get load(): number {
    const waiting = this.#waiting.reduce(
      (sum, { request, nextSample }) => sum + request.sampleCount - nextSample,
      0,
    );
    return waiting + this.#slots.filter((slot) => slot !== null).length;
  }

  /** Decodes with other weights from now on; only allowed while nothing is being decoded. */
  useWeights(weights: Weights): void {
    if (this.load > 0)
      throw new DialecticError('INTERNAL', 'weights changed while completions were being decoded');
    this.#weights = weights.values;
    this.#store.clear();
  }

  /** Queues a request. Errors: DATA for a prompt that leaves no room, or is empty. */
  submit(request: SamplingRequest): void {
    const { requestId, promptTokens, prefixTokens = NO_TOKENS, sampleCount } = request;
    const most = this.options.capacity - 1 - prefixTokens.length;
    if (promptTokens.length === 0 || promptTokens.length > most) {
      const expected = `expected 1 to ${most}${prefixTokens.length > 0 ? `, before a prefix of ${prefixTokens.length}` : ''}`;
      throw new DialecticError(
        'DATA',
        `prompt of request ${requestId} has ${promptTokens.length} tokens, ${expected}`,
      );
    }
    const perSample = <T>(make: () => T): T[] => Array.from({ length: sampleCount }, make);
    this.#waiting.push({
      request,
      prefixTokens,
      known: null,
      tokens: perSample(() => []),
      logProbs: perSample(() => []),
      supportLogMass: perSample(() => []),
      stopped: new Uint8Array(sampleCount),
      nextSample: 0,
      unfinished: sampleCount,
    });
  }

  /** One decode step for all slots; gives the requests it finished. */
  step(): SampledCompletions[] {
    this.#fillSlots();
    const active = this.#slots.flatMap((slot, index) => (slot ? [{ slot, index }] : []));
    if (active.length === 0) return [];
    const isFiltered = active.some(
      ({ slot }) => slot.pending.request.topK > 0 || slot.pending.request.topP < 1,
    );
    this.#state.load(active, this.options.config.vocabSize);
    const inputs = { ...this.#weights, ...this.#cache.inputs, ...this.#state.inputs(isFiltered) };
    const outputs = { ...this.#cache.outputs, ...this.#state.outputs };
    (isFiltered ? this.#filtered() : this.#plainStep).run(inputs, outputs);
    this.counters.steps++;
    const finished: SampledCompletions[] = [];
    for (const { slot, index } of active) {
      if (!this.#record(slot, index)) continue;
      this.#slots[index] = null;
      if (--slot.pending.unfinished === 0) finished.push(collect(slot.pending));
    }
    return finished;
  }

  /** Forgets everything being decoded or waiting, after a failure. */
  clear(): void {
    this.#slots.fill(null);
    this.#waiting.length = 0;
  }

  release(): void {
    this.#plainStep.release();
    this.#filteredStep?.release();
    this.#prefill.release();
  }

  /** The longest known beginning of what a request continues: its prompt's at least. */
  #knownPrefixOf({ request, prefixTokens }: Pending): KnownPrefix {
    const sequence = { promptTokens: request.promptTokens, completionTokens: prefixTokens };
    return this.#store.find(sequence) ?? this.#prefillPrompt(request.promptTokens);
  }

  #prefillPrompt(promptTokens: Int32Array): KnownPrefix {
    const fed = promptTokens.length - 1; // the last prompt token is the first one the decode step feeds
    if (fed > 0) {
      this.#prefill.run(
        {
          ...this.#weights,
          ...this.#prefillCache.inputs,
          tokenIds: integers(promptTokens.slice(0, fed), [fed]),
          lastPositions: integers([fed - 1], [1]),
          longest: integers([fed], [1]),
        },
        this.#prefillCache.outputs,
      );
      this.counters.prefilledTokens += fed;
    }
    const cache = this.#prefillCache.slice(0, fed);
    this.#store.keep({ promptTokens: promptTokens.slice(), completionTokens: NO_TOKENS }, cache);
    return { cache, length: fed };
  }

  #fillSlots(): void {
    for (let index = 0; index < this.#slots.length && this.#waiting.length > 0; index++) {
      if (this.#slots[index]) continue;
      const pending = this.#waiting[0]!;
      pending.known ??= this.#knownPrefixOf(pending);
      const { cache, length } = pending.known;
      this.#cache.copy(cache, { from: 0, to: index, length });
      this.#slots[index] = { pending, sample: pending.nextSample++, position: length };
      if (pending.nextSample === pending.request.sampleCount) {
        this.#waiting.shift();
        pending.known = null;
      }
    }
  }

  /** Stores a slot's new token, if it was not one of the prefix that was fed; true if that ended its sequence. */
  #record(slot: Slot, index: number): boolean {
    const { pending, sample } = slot;
    slot.position++;
    if (slot.position < pending.request.promptTokens.length + pending.prefixTokens.length) {
      this.counters.replayedTokens++;
      return false;
    }
    this.counters.tokens++;
    const token = this.#state.token[index]!;
    const tokens = pending.tokens[sample]!;
    tokens.push(token);
    pending.logProbs[sample]!.push(this.#state.logProb[index]!);
    pending.supportLogMass[sample]!.push(this.#state.supportLogMass[index]!);
    this.options.onToken?.(pending.request.requestId, sample, token);
    const isStop = this.#stopTokens.has(token);
    if (isStop) pending.stopped[sample] = 1;
    const isCut = tokens.length >= pending.request.maxTokens || slot.position >= this.options.capacity;
    if ((isStop || isCut) && pending.request.keepsCaches) this.#keep(slot, index);
    return isStop || isCut;
  }

  #keep({ pending, sample, position }: Slot, index: number): void {
    const { request, prefixTokens, tokens } = pending;
    const completionTokens = Int32Array.from([...prefixTokens, ...tokens[sample]!]);
    const promptTokens = request.promptTokens.slice();
    this.#store.keep({ promptTokens, completionTokens }, this.#cache.slice(index, position));
  }

  #filtered(): Executable {
    const { runtime, config, weights, slots, capacity } = this.options;
    const filter = { candidates: config.vocabSize };
    this.#filteredStep ??= runtime.compile(decodeStepGraph(config, weights.layout, slots, capacity, filter));
    return this.#filteredStep;
  }
}

/** The arrays that a decode step reads and writes, made once. */
class StepState {
  readonly token: Int32Array;
  readonly logProb: Float32Array;
  readonly supportLogMass: Float32Array;
  readonly outputs: Values;
  readonly #tokenIds: Int32Array;
  readonly #lastPositions: Int32Array;
  readonly #longest = new Int32Array(1);
  readonly #uniform: Float32Array;
  readonly #inverseTemperature: Float32Array;
  readonly #keepCount: Int32Array;
  readonly #keepMass: Float32Array;
  readonly #plainInputs: Values;
  readonly #filteredInputs: Values;

  constructor(slots: number) {
    const floatArray = (): [Float32Array, Value] => pair(new Float32Array(slots));
    const intArray = (): [Int32Array, Value] => pair(new Int32Array(slots));
    const values: Record<string, Value> = {};
    [this.#tokenIds, values.tokenIds] = intArray();
    [this.#lastPositions, values.lastPositions] = intArray();
    values.longest = integers(this.#longest, [1]);
    [this.#uniform, values.uniform] = floatArray();
    [this.#inverseTemperature, values.inverseTemperature] = floatArray();
    this.#plainInputs = { ...values };
    [this.#keepCount, values.keepCount] = intArray();
    [this.#keepMass, values.keepMass] = floatArray();
    this.#filteredInputs = values;
    const outputs: Record<string, Value> = {};
    [this.token, outputs.token] = intArray();
    [this.logProb, outputs.logProb] = floatArray();
    [this.supportLogMass, outputs.supportLogMass] = floatArray();
    this.outputs = outputs;
  }

  inputs(isFiltered: boolean): Values {
    return isFiltered ? this.#filteredInputs : this.#plainInputs;
  }

  load(active: readonly { slot: Slot; index: number }[], vocabSize: number): void {
    // Idle slots decode a harmless token at position 0, so that every step has the same shape.
    for (const array of [this.#tokenIds, this.#lastPositions, this.#uniform]) array.fill(0);
    this.#inverseTemperature.fill(1);
    this.#keepCount.fill(vocabSize);
    this.#keepMass.fill(1);
    let longest = 1;
    for (const { slot, index } of active) {
      const { request, prefixTokens, tokens } = slot.pending;
      const { promptTokens } = request;
      const drawn = tokens[slot.sample]!;
      const isGreedy = request.temperature === 0;
      this.#tokenIds[index] =
        promptTokens[slot.position] ?? prefixTokens[slot.position - promptTokens.length] ?? drawn.at(-1)!;
      this.#lastPositions[index] = slot.position;
      this.#inverseTemperature[index] = isGreedy ? GREEDY_INVERSE_TEMPERATURE : 1 / request.temperature;
      if (!isGreedy) {
        const { seed, update, promptIndex, stream } = request;
        const word = stream * MAX_SAMPLES + slot.sample;
        this.#uniform[index] = keyedUniform(seed, update, promptIndex, word, drawn.length);
      }
      if (request.topK > 0) this.#keepCount[index] = Math.min(request.topK, vocabSize);
      this.#keepMass[index] = request.topP;
      longest = Math.max(longest, slot.position + 1);
    }
    this.#longest[0] = longest;
  }
}

function pair<T extends Float32Array | Int32Array>(data: T): [T, Value] {
  return [data, { data, shape: [data.length] }];
}

function collect({ request, tokens, logProbs, supportLogMass, stopped }: Pending): SampledCompletions {
  return {
    requestId: request.requestId,
    tokens: Int32Array.from(tokens.flat()),
    lengths: Int32Array.from(tokens, (sample) => sample.length),
    logProbs: Float32Array.from(logProbs.flat()),
    supportLogMass: Float32Array.from(supportLogMass.flat()),
    stopped,
  };
}
