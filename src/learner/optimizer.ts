/**
 * AdamW (Loshchilov & Hutter 2019) with global-norm clipping, in place on flat arrays: a step is a few native calls.
 *
 * Invariants:
 * - the update is decoupled: decay acts on the parameter, not on the gradient, and on matrices only;
 * - a gradient that is not finite changes nothing and is reported.
 */

import { add, div, mul, sqrt, sub } from '../tensor/elementwise.js';
import { Graph, type Tensor } from '../tensor/graph.js';
import { sum } from '../tensor/reduction.js';
import { type Executable, floats, type Runtime, type Value } from '../tensor/runtime.js';

export interface AdamOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Gradients of a larger global norm are scaled down to this. */
  readonly maxGradNorm: number;
}

/** Adam's moments: what the optimizer remembers between two steps. */
interface OptimizerState {
  readonly firstMoments: Float32Array; // [P]
  readonly secondMoments: Float32Array; // [P]
  /** Updates applied. */
  count: number;
}

interface StepResult {
  /** Global L2 norm of the gradient before clipping. */
  readonly gradNorm: number;
  readonly applied: boolean;
}

/** One segment of the flat arrays that shares a decay. */
interface Segment {
  readonly parameters: Value;
  readonly gradients: Value;
  readonly firstMoments: Value;
  readonly secondMoments: Value;
  readonly weightDecay: number;
}

export class AdamW {
  readonly state: OptimizerState;
  readonly #segments: Segment[];
  readonly #norm: Executable;
  readonly #update: Executable;
  readonly #gradients: Value;

  /** `parameters` and `gradients` [P] are updated and read in place; the first `decayedSize` elements decay. */
  constructor(
    runtime: Runtime,
    parameters: Float32Array,
    gradients: Float32Array,
    decayedSize: number,
    private readonly options: AdamOptions,
  ) {
    const size = parameters.length;
    this.state = { firstMoments: new Float32Array(size), secondMoments: new Float32Array(size), count: 0 };
    this.#gradients = floats(gradients, [size]);
    this.#norm = runtime.compile(normGraph());
    this.#update = runtime.compile(updateGraph(options));
    const segment = (start: number, end: number, weightDecay: number): Segment => {
      const view = (array: Float32Array): Value => floats(array.subarray(start, end), [end - start]);
      return {
        parameters: view(parameters),
        gradients: view(gradients),
        firstMoments: view(this.state.firstMoments),
        secondMoments: view(this.state.secondMoments),
        weightDecay,
      };
    };
    this.#segments = [segment(0, decayedSize, options.weightDecay), segment(decayedSize, size, 0)].filter(
      (each) => each.parameters.data.length > 0,
    );
  }

  /** Applies the accumulated gradients at the given learning rate, and clears them. */
  step(learningRate: number): StepResult {
    const squared = this.#norm.run({ gradients: this.#gradients }).squared!.data[0]!;
    const gradNorm = Math.sqrt(squared);
    const applied = Number.isFinite(gradNorm);
    if (applied) {
      this.state.count++;
      const clipScale = Math.min(1, this.options.maxGradNorm / (gradNorm + 1e-6)); // torch.nn.utils.clip_grad_norm_
      for (const segment of this.#segments) this.#apply(segment, learningRate, clipScale);
    }
    this.#gradients.data.fill(0);
    return { gradNorm, applied };
  }

  release(): void {
    this.#norm.release();
    this.#update.release();
  }

  #apply(segment: Segment, learningRate: number, clipScale: number): void {
    const { beta1, beta2 } = this.options;
    const { count } = this.state;
    const { parameters, gradients, firstMoments, secondMoments, weightDecay } = segment;
    const scalars = [
      clipScale,
      learningRate / (1 - beta1 ** count),
      1 / Math.sqrt(1 - beta2 ** count),
      1 - learningRate * weightDecay,
    ];
    const [clipValue, rate, secondScale, keep] = scalars.map((value) => floats([value], [1]));
    this.#update.run(
      {
        parameters,
        gradients,
        firstMoments,
        secondMoments,
        clipScale: clipValue!,
        rate: rate!,
        secondScale: secondScale!,
        keep: keep!,
      },
      { newParameters: parameters, newFirstMoments: firstMoments, newSecondMoments: secondMoments },
    );
  }
}

function normGraph(): Graph {
  const graph = new Graph();
  const gradients = graph.input('gradients', 'float32', ['P']);
  graph.output('squared', sum(mul(gradients, gradients), [0], true));
  return graph;
}

/** m ← β₁m + (1−β₁)g;  v ← β₂v + (1−β₂)g²;  p ← (1−ηλ)p − η m̂ / (√v̂ + ε). */
function updateGraph({ beta1, beta2, epsilon }: AdamOptions): Graph {
  const graph = new Graph();
  const flat = (name: string): Tensor => graph.input(name, 'float32', ['P']);
  const scalar = (name: string): Tensor => graph.input(name, 'float32', [1]);
  const [parameters, gradients, first, second] = [
    'parameters',
    'gradients',
    'firstMoments',
    'secondMoments',
  ].map(flat);
  const [clipScale, rate, secondScale, keep] = ['clipScale', 'rate', 'secondScale', 'keep'].map(scalar);
  const g = mul(gradients!, clipScale!);
  const m = add(mul(first!, beta1), mul(g, 1 - beta1));
  const v = add(mul(second!, beta2), mul(mul(g, g), 1 - beta2));
  const denominator = add(mul(sqrt(v), secondScale!), epsilon);
  graph.output('newFirstMoments', m);
  graph.output('newSecondMoments', v);
  graph.output('newParameters', sub(mul(parameters!, keep!), mul(div(m, denominator), rate!)));
  return graph;
}
