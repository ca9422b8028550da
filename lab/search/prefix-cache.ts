/**
 * Counts the prefill that a search needs when sequences with a common beginning share their KV cache: a radix tree over
 * token ids. It holds no cache itself; it says what one would have held.
 *
 * Invariants:
 * - a run of tokens that is in use (held by an open lease) is never evicted; the others go, least recently used first;
 * - at most `maxTokens` tokens are held, unless open leases alone need more;
 * - when every lease is closed, every reference count is 0.
 */
import { DialecticError } from '../../src/errors.js';

interface Run {
  tokens: Int32Array;
  readonly children: Map<number, Run>; // by first token
  parent: Run | null;
  references: number;
  lastUse: number;
}

export class PrefixCache {
  /** Tokens that were asked for (the prefill without a cache), and those not found (the prefill with it). */
  readonly counts = { asked: 0, prefilled: 0, evicted: 0 };
  readonly #root: Run = createRun(new Int32Array(0), null);
  readonly #leases = new Map<number, Run>();
  #nextLease = 0;
  #clock = 0;
  #size = 0;

  constructor(private readonly maxTokens = Number.POSITIVE_INFINITY) {}

  /** Tokens held. */
  get size(): number {
    return this.#size;
  }

  /** Σ references over all runs. */
  get references(): number {
    let sum = 0;
    for (const run of this.#runs()) sum += run.references;
    return sum;
  }

  /** Opens a lease on a sequence that is about to be continued; tokens not held yet are prefilled. */
  open(tokens: Int32Array): number {
    const held = this.#size;
    const run = this.#hold(tokens);
    this.counts.asked += tokens.length;
    this.counts.prefilled += this.#size - held;
    const lease = this.#nextLease++;
    this.#leases.set(lease, run);
    changeReferences(run, 1);
    this.#evict();
    return lease;
  }

  /** Closes a lease; `tokens`, the sequence as it was continued, needs no prefill: decoding has filled its cache. */
  close(lease: number, tokens?: Int32Array): void {
    const run = this.#leases.get(lease);
    if (!run) throw new DialecticError('INTERNAL', `prefix cache has no open lease ${lease}`);
    this.#leases.delete(lease);
    changeReferences(run, -1);
    if (tokens) this.#hold(tokens);
    this.#evict();
  }

  /** The run that ends a sequence, made where it is missing. */
  #hold(tokens: Int32Array): Run {
    const now = ++this.#clock;
    let run = this.#root;
    let at = 0;
    while (at < tokens.length) {
      const next = run.children.get(tokens[at]!);
      if (!next) {
        run = addRun(run, tokens.slice(at));
        this.#size += tokens.length - at;
        at = tokens.length;
      } else {
        const common = commonLength(next.tokens, tokens, at);
        run = common < next.tokens.length ? this.#split(next, common) : next;
        at += common;
      }
      run.lastUse = now;
    }
    return run;
  }

  /** Cuts a run in two; gives the first part. Leases keep the second part, so that it keeps its identity. */
  #split(run: Run, length: number): Run {
    const parent = run.parent!;
    const first = createRun(run.tokens.slice(0, length), parent);
    first.references = run.references;
    first.lastUse = run.lastUse;
    parent.children.set(first.tokens[0]!, first);
    run.tokens = run.tokens.slice(length);
    run.parent = first;
    first.children.set(run.tokens[0]!, run);
    return first;
  }

  #evict(): void {
    while (this.#size > this.maxTokens) {
      let oldest: Run | null = null;
      for (const run of this.#runs()) {
        const isFree = run.parent !== null && run.children.size === 0 && run.references === 0;
        if (isFree && (oldest === null || run.lastUse < oldest.lastUse)) oldest = run;
      }
      if (oldest === null) return;
      oldest.parent!.children.delete(oldest.tokens[0]!);
      this.#size -= oldest.tokens.length;
      this.counts.evicted += oldest.tokens.length;
    }
  }

  *#runs(): Generator<Run> {
    const open = [this.#root];
    for (let run = open.pop(); run; run = open.pop()) {
      yield run;
      open.push(...run.children.values());
    }
  }
}

function createRun(tokens: Int32Array, parent: Run | null): Run {
  return { tokens, parent, children: new Map(), references: 0, lastUse: 0 };
}

function addRun(parent: Run, tokens: Int32Array): Run {
  const run = createRun(tokens, parent);
  parent.children.set(tokens[0]!, run);
  return run;
}

function changeReferences(run: Run, by: number): void {
  for (let at: Run | null = run; at; at = at.parent) at.references += by;
}

function commonLength(run: Int32Array, tokens: Int32Array, from: number): number {
  let length = 0;
  while (length < run.length && from + length < tokens.length && run[length] === tokens[from + length])
    length++;
  return length;
}
