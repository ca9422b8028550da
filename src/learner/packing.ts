/**
 * Cuts a batch of groups into micro-batches of packed tokens, so that memory is bounded and dense layers compute no padding.
 *
 * Invariants:
 * - a sequence is never split; a group's prompt is packed once per micro-batch that holds some of its completions;
 * - the last token of a completion is predicted but never fed, because nothing follows it;
 * - a micro-batch holds at most `maxTokens` packed tokens, unless a single sequence needs more;
 * - the cut depends on the batch alone, so that equal batches give bit-equal updates.
 */

import { PADDED_KEY_POSITION, PADDED_QUERY_POSITION } from '../model/packed-attention.js';
import { floats, integers, type Value } from '../tensor/runtime.js';

/** A prompt and completions of it. */
export interface PackableGroup {
  readonly promptTokens: Int32Array;
  readonly completions: readonly Int32Array[];
}

/** A completion's place in a micro-batch. */
export interface PackedCompletion {
  readonly group: number;
  readonly completion: number;
  /** Index of its first predicted token among the micro-batch's predictions. */
  readonly firstPrediction: number;
  readonly length: number;
}

export interface MicroBatch {
  readonly tokenCount: number;
  readonly predictionCount: number;
  readonly completions: readonly PackedCompletion[];
  /** Inputs of packed-attention.ts. */
  readonly inputs: Readonly<Record<string, Value>>;
  /** Packed token whose hidden state predicts each prediction. */
  readonly predictors: Int32Array; // [predictionCount]
  readonly targets: Int32Array; // [predictionCount]
}

interface Row {
  readonly queries: number[]; // packed indices
  readonly keys: number[]; // packed indices
  readonly firstQueryPosition: number;
  /** The prompt that the row's first keys come from, if other rows use it too. */
  readonly prompt: SharedPrompt | null;
}

/** A prompt that the rows of several completions list among their keys. */
interface SharedPrompt {
  /** Number of the prompt in its micro-batch. */
  readonly index: number;
  /** Its first packed token. */
  readonly start: number;
  readonly length: number;
}

/**
 * All completions of the groups in micro-batches. Groups of about the same length come together, because attention pads every
 * row of a micro-batch to its longest one.
 */
export function packGroups(groups: readonly PackableGroup[], maxTokens: number): MicroBatch[] {
  const batches: MicroBatch[] = [];
  let packer = new Packer();
  const lengths = groups.map(
    ({ promptTokens, completions }) =>
      promptTokens.length + Math.max(...completions.map((each) => each.length)),
  );
  const order = groups.map((_, i) => i).sort((a, b) => lengths[a]! - lengths[b]! || a - b);
  for (const groupIndex of order) {
    const group = groups[groupIndex]!;
    let prompt: SharedPrompt | null = null;
    group.completions.forEach((completion, completionIndex) => {
      const promptCost = prompt === null ? group.promptTokens.length : 0;
      const cost = promptCost + completion.length - 1;
      if (packer.tokenCount > 0 && packer.tokenCount + cost > maxTokens) {
        batches.push(packer.finish());
        packer = new Packer();
        prompt = null;
      }
      if (group.completions.length === 1) {
        packer.addWhole(group.promptTokens, completion, groupIndex);
        return;
      }
      prompt ??= packer.addPrompt(group.promptTokens);
      packer.addCompletion(prompt, completion, groupIndex, completionIndex);
    });
  }
  if (packer.tokenCount > 0) batches.push(packer.finish());
  return batches;
}

class Packer {
  readonly #tokens: number[] = [];
  readonly #positions: number[] = [];
  readonly #rows: Row[] = [];
  readonly #predictors: number[] = [];
  readonly #targets: number[] = [];
  readonly #completions: PackedCompletion[] = [];
  #promptCount = 0;

  get tokenCount(): number {
    return this.#tokens.length;
  }

  /** A prompt that no other completion shares: one row computes both. */
  addWhole(prompt: Int32Array, completion: Int32Array, group: number): void {
    const start = this.#append(prompt, 0);
    const fed = completion.subarray(0, -1);
    this.#append(fed, prompt.length);
    const own = range(start, prompt.length + fed.length);
    this.#rows.push({ queries: own, keys: own, firstQueryPosition: 0, prompt: null });
    this.#addPredictions(completion, start + prompt.length - 1, start + prompt.length, group, 0);
  }

  addPrompt(tokens: Int32Array): SharedPrompt {
    const start = this.#append(tokens, 0);
    const prompt = { index: this.#promptCount++, start, length: tokens.length };
    const own = range(start, tokens.length);
    this.#rows.push({ queries: own, keys: own, firstQueryPosition: 0, prompt });
    return prompt;
  }

  addCompletion(prompt: SharedPrompt, tokens: Int32Array, group: number, completion: number): void {
    const fed = tokens.subarray(0, -1);
    const start = this.#append(fed, prompt.length);
    if (fed.length > 0) {
      const own = range(start, fed.length);
      const keys = [...range(prompt.start, prompt.length), ...own];
      this.#rows.push({ queries: own, keys, firstQueryPosition: prompt.length, prompt });
    }
    this.#addPredictions(tokens, prompt.start + prompt.length - 1, start, group, completion);
  }

  /** `lastPrompt` predicts the first token; the token at `start + i` predicts token i + 1. */
  #addPredictions(
    tokens: Int32Array,
    lastPrompt: number,
    start: number,
    group: number,
    completion: number,
  ): void {
    this.#completions.push({
      group,
      completion,
      firstPrediction: this.#targets.length,
      length: tokens.length,
    });
    tokens.forEach((token, i) => {
      this.#predictors.push(i === 0 ? lastPrompt : start + i - 1);
      this.#targets.push(token);
    });
  }

  finish(): MicroBatch {
    const rowCount = this.#rows.length;
    const maxQueries = Math.max(...this.#rows.map((row) => row.queries.length));
    const maxKeys = Math.max(...this.#rows.map((row) => row.keys.length));
    const queryIndex = new Int32Array(rowCount * maxQueries);
    const queryPositions = new Int32Array(rowCount * maxQueries).fill(PADDED_QUERY_POSITION);
    const keyIndex = new Int32Array(rowCount * maxKeys);
    const keyPositions = new Int32Array(rowCount * maxKeys).fill(PADDED_KEY_POSITION);
    const tokenCount = this.#tokens.length;
    const unpad = new Int32Array(tokenCount);
    const ownPlace = new Int32Array(tokenCount);
    const sharedPlace = new Int32Array(tokenCount);
    const isShared = new Int32Array(tokenCount);
    const promptCount = Math.max(1, this.#promptCount); // a graph has no empty dimensions
    const rowsOfGroups = new Float32Array(promptCount * rowCount);
    this.#rows.forEach((row, r) => {
      if (row.prompt) rowsOfGroups[row.prompt.index * rowCount + r] = 1;
      row.queries.forEach((token, i) => {
        queryIndex[r * maxQueries + i] = token;
        queryPositions[r * maxQueries + i] = row.firstQueryPosition + i;
        unpad[token] = r * maxQueries + i;
      });
      row.keys.forEach((token, i) => {
        keyIndex[r * maxKeys + i] = token;
        keyPositions[r * maxKeys + i] = i;
        if (row.prompt && i < row.prompt.length) {
          isShared[token] = 1;
          sharedPlace[token] = row.prompt.index * maxKeys + i;
        } else {
          ownPlace[token] = r * maxKeys + i;
        }
      });
    });
    return {
      tokenCount,
      predictionCount: this.#targets.length,
      completions: this.#completions,
      inputs: {
        tokenIds: integers(this.#tokens, [tokenCount]),
        positions: integers(this.#positions, [tokenCount]),
        queryIndex: integers(queryIndex, [rowCount, maxQueries]),
        queryPositions: integers(queryPositions, [rowCount, maxQueries]),
        keyIndex: integers(keyIndex, [rowCount, maxKeys]),
        keyPositions: integers(keyPositions, [rowCount, maxKeys]),
        unpad: integers(unpad, [tokenCount]),
        ownPlace: integers(ownPlace, [tokenCount]),
        sharedPlace: integers(sharedPlace, [tokenCount]),
        isShared: integers(isShared, [tokenCount, 1]),
        rowsOfGroups: floats(rowsOfGroups, [promptCount, rowCount]),
      },
      predictors: Int32Array.from(this.#predictors),
      targets: Int32Array.from(this.#targets),
    };
  }

  #append(tokens: Int32Array, firstPosition: number): number {
    const start = this.#tokens.length;
    tokens.forEach((token, i) => {
      this.#tokens.push(token);
      this.#positions.push(firstPosition + i);
    });
    return start;
  }
}

function range(start: number, length: number): number[] {
  return Array.from({ length }, (_, i) => start + i);
}
