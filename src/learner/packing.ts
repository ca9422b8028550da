/**
 * Cuts a batch of groups into micro-batches of packed tokens, so that memory is bounded and dense layers compute no padding.
 *
 * Invariants:
 * - a sequence is never split, nor is a tree; a prompt is packed once per micro-batch that holds some of its completions, a
 *   segment of a tree once, whatever the number of segments that follow it;
 * - the last token of a sequence is predicted but never fed, because nothing follows it;
 * - a micro-batch holds at most `maxTokens` packed tokens, unless a single sequence or tree needs more;
 * - the cut depends on the batch alone, so that equal batches give bit-equal updates.
 */

import { PADDED_KEY_POSITION, PADDED_QUERY_POSITION } from '../model/packed-attention.js';
import { floats, integers, type Value } from '../tensor/runtime.js';

/** A prompt and completions of it, or segments of a tree below it. */
export interface PackableGroup {
  readonly promptTokens: Int32Array;
  readonly completions: readonly Int32Array[];
  /** The segment that each segment of a tree follows, an earlier one; −1 is the prompt. Without it, all follow the prompt. */
  readonly parents?: Int32Array; // [completions]
}

/** A completion's place in a micro-batch. */
interface PackedCompletion {
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
  /** Runs that the row's first keys come from and that other rows list too, from the first key on. */
  readonly shared: readonly SharedRun[];
}

/** Tokens that several rows list among their keys, in the same columns: a prompt, or a segment that others follow. */
interface SharedRun {
  /** Number of the run in its micro-batch. */
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
    if (group.parents) {
      const cost = group.promptTokens.length + group.completions.reduce((sum, { length }) => sum + length, 0);
      if (packer.tokenCount > 0 && packer.tokenCount + cost > maxTokens) {
        batches.push(packer.finish());
        packer = new Packer();
      }
      packer.addTree(group.promptTokens, group.completions, group.parents, groupIndex);
      continue;
    }
    let prompt: SharedRun | null = null;
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
      packer.addSegment([prompt], completion, groupIndex, completionIndex);
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
  #sharedCount = 0;

  get tokenCount(): number {
    return this.#tokens.length;
  }

  /** A prompt that no other completion shares: one row computes both. */
  addWhole(prompt: Int32Array, completion: Int32Array, group: number): void {
    const start = this.#append(prompt, 0);
    const fed = completion.subarray(0, -1);
    this.#append(fed, prompt.length);
    const own = range(start, prompt.length + fed.length);
    this.#rows.push({ queries: own, keys: own, firstQueryPosition: 0, shared: [] });
    this.#addPredictions(completion, start + prompt.length - 1, start + prompt.length, group, 0);
  }

  addPrompt(tokens: Int32Array): SharedRun {
    return this.#addShared([], tokens);
  }

  /** A completion, or the last segment of a path: nothing follows its last token. */
  addSegment(before: readonly SharedRun[], tokens: Int32Array, group: number, completion: number): void {
    const fed = tokens.subarray(0, -1);
    const position = lengthOf(before);
    const start = this.#append(fed, position);
    if (fed.length > 0) {
      const own = range(start, fed.length);
      this.#rows.push({
        queries: own,
        keys: [...keysOf(before), ...own],
        firstQueryPosition: position,
        shared: before,
      });
    }
    this.#addPredictions(tokens, lastOf(before), start, group, completion);
  }

  /** Segments in an order in which each follows its parent. */
  addTree(
    prompt: Int32Array,
    segments: readonly Int32Array[],
    parents: Int32Array, // [segments]
    group: number,
  ): void {
    const root = this.addPrompt(prompt);
    const paths: SharedRun[][] = [];
    segments.forEach((tokens, i) => {
      const before = parents[i]! < 0 ? [root] : paths[parents[i]!]!;
      if (!parents.includes(i)) {
        this.addSegment(before, tokens, group, i);
        return;
      }
      const run = this.#addShared(before, tokens);
      paths[i] = [...before, run];
      this.#addPredictions(tokens, lastOf(before), run.start, group, i);
    });
  }

  #addShared(before: readonly SharedRun[], tokens: Int32Array): SharedRun {
    const position = lengthOf(before);
    const start = this.#append(tokens, position);
    const run = { index: this.#sharedCount++, start, length: tokens.length };
    const own = range(start, tokens.length);
    const shared = [...before, run];
    this.#rows.push({ queries: own, keys: keysOf(shared), firstQueryPosition: position, shared });
    return run;
  }

  /** `before` predicts the first token; the token at `start + i` predicts token i + 1. */
  #addPredictions(
    tokens: Int32Array,
    before: number,
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
      this.#predictors.push(i === 0 ? before : start + i - 1);
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
    const sharedCount = Math.max(1, this.#sharedCount); // a graph has no empty dimensions
    const rowsOfGroups = new Float32Array(sharedCount * rowCount);
    this.#rows.forEach((row, r) => {
      for (const run of row.shared) rowsOfGroups[run.index * rowCount + r] = 1;
      const runs = row.shared.flatMap(({ index, length }) => new Array<number>(length).fill(index));
      row.queries.forEach((token, i) => {
        queryIndex[r * maxQueries + i] = token;
        queryPositions[r * maxQueries + i] = row.firstQueryPosition + i;
        unpad[token] = r * maxQueries + i;
      });
      row.keys.forEach((token, i) => {
        keyIndex[r * maxKeys + i] = token;
        keyPositions[r * maxKeys + i] = i;
        const run = runs[i];
        if (run !== undefined) {
          isShared[token] = 1;
          sharedPlace[token] = run * maxKeys + i;
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
        rowsOfGroups: floats(rowsOfGroups, [sharedCount, rowCount]),
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

const lengthOf = (runs: readonly SharedRun[]): number => runs.reduce((sum, { length }) => sum + length, 0);
const keysOf = (runs: readonly SharedRun[]): number[] =>
  runs.flatMap(({ start, length }) => range(start, length));
/** The last token of a path that is not empty. */
const lastOf = (runs: readonly SharedRun[]): number => runs.at(-1)!.start + runs.at(-1)!.length - 1;

function range(start: number, length: number): number[] {
  return Array.from({ length }, (_, i) => start + i);
}
