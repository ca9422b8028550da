/**
 * Reverse-mode differentiation of a graph, and regions whose values are computed twice instead of kept.
 *
 * Invariants:
 * - the backward pass is more nodes of the same graph;
 * - a checkpointed region keeps only its inputs alive between the passes: its second computation waits for the upstream
 *   gradient, which also keeps the runtime's common-subexpression pass from merging the two.
 */
import { add, mul } from './elementwise.js';
import { GRADIENT_RULES } from './gradient-rules.js';
import type { Graph, Node, Region, Tensor } from './graph.js';
import { sum } from './reduction.js';
import { shapeError } from './shape.js';

/** Gradients found so far, by tensor id. */
class Gradients {
  readonly #byId = new Map<number, Tensor>();

  of(tensor: Tensor): Tensor | null {
    return this.#byId.get(tensor.id) ?? null;
  }

  accumulate(tensor: Tensor, gradient: Tensor): void {
    const known = this.#byId.get(tensor.id);
    this.#byId.set(tensor.id, known ? add(known, gradient) : gradient);
  }
}

/**
 * Gradients of Σ seeds·targets with respect to `wrt`, in that order.
 * Throws where a tensor of `wrt` does not influence the targets, or an operator on the way has no gradient.
 */
export function gradients(
  targets: readonly Tensor[],
  seeds: readonly Tensor[],
  wrt: readonly Tensor[],
): Tensor[] {
  const graph = targets[0]!.graph;
  return propagate(graph, targets, seeds, wrt, 0).map((gradient, i) => {
    if (!gradient)
      throw shapeError(`gradients: tensor ${i} of the list asked for does not influence the target`);
    return gradient;
  });
}

/** Gradient of a scalar loss with respect to `wrt`. */
export function gradientsOfLoss(loss: Tensor, wrt: readonly Tensor[]): Tensor[] {
  return gradients([loss], [loss.graph.scalar(1)], wrt);
}

/**
 * `body(...inputs)` whose inner values are not kept for the backward pass but computed again in it.
 * `inputs` must name every tensor that gradients flow to; the first one must be float32.
 */
export function checkpoint(inputs: readonly Tensor[], body: (...inputs: Tensor[]) => Tensor[]): Tensor[] {
  const [head, ...rest] = inputs as [Tensor, ...Tensor[]];
  const recompute: Region['backward'] = (upstream) => {
    const first = upstream.find((gradient) => gradient !== null);
    if (!first) return inputs.map(() => null);
    const gate = mul(sum(first), 0); // zero, but only once the upstream gradient exists
    const start = head.graph.nodes.length;
    const gated = [add(head, gate), ...rest];
    const outputs = body(...gated);
    const used = upstream.flatMap((gradient, i) => (gradient ? [{ target: outputs[i]!, gradient }] : []));
    const targets = used.map(({ target }) => target);
    const seeds = used.map(({ gradient }) => gradient);
    return propagate(head.graph, targets, seeds, gated, start);
  };
  return region(inputs, body, recompute);
}

/** `body(...inputs)`, differentiated by `backward` instead of by the rules of the operators in it. */
export function customGradient(
  inputs: readonly Tensor[],
  body: (...inputs: Tensor[]) => Tensor,
  backward: (upstream: Tensor) => readonly (Tensor | null)[],
): Tensor {
  const outputs = region(
    inputs,
    (...given) => [body(...given)],
    ([upstream]) => (upstream ? backward(upstream) : inputs.map(() => null)),
  );
  return outputs[0]!;
}

function region(
  inputs: readonly Tensor[],
  body: (...inputs: Tensor[]) => Tensor[],
  backward: Region['backward'],
): Tensor[] {
  const { graph } = inputs[0]!;
  const firstNode = graph.nodes.length;
  const outputs = body(...inputs);
  graph.regions.push({ firstNode, endNode: graph.nodes.length, inputs, outputs, backward });
  return outputs;
}

function propagate(
  graph: Graph,
  targets: readonly Tensor[],
  seeds: readonly Tensor[],
  wrt: readonly Tensor[],
  firstNode: number,
): (Tensor | null)[] {
  const found = new Gradients();
  const needed = dependants(graph, wrt, firstNode);
  targets.forEach((target, i) => {
    found.accumulate(target, seeds[i]!);
  });
  // Of nested regions that end at one node, the outermost was added last and stays in the map.
  const regions = new Map(graph.regions.map((region) => [region.endNode - 1, region]));
  for (let index = graph.nodes.length - 1; index >= firstNode; index--) {
    const region = regions.get(index);
    if (region && region.firstNode >= firstNode) {
      propagateRegion(region, found);
      index = region.firstNode;
    } else {
      propagateNode(graph.nodes[index]!, found, needed);
    }
  }
  return wrt.map((tensor) => found.of(tensor));
}

/** Ids of tensors that depend on `sources`: gradients are worked out for these only. */
function dependants(graph: Graph, sources: readonly Tensor[], firstNode: number): Set<number> {
  const ids = new Set(sources.map((tensor) => tensor.id));
  const spread = (inputs: readonly Tensor[], outputs: readonly Tensor[]): void => {
    if (inputs.some((input) => ids.has(input.id))) for (const output of outputs) ids.add(output.id);
  };
  const regions = new Map<number, Region[]>();
  for (const each of graph.regions)
    regions.set(each.endNode - 1, [...(regions.get(each.endNode - 1) ?? []), each]);
  for (let index = firstNode; index < graph.nodes.length; index++) {
    const node = graph.nodes[index]!;
    if (node.op !== 'stopGradient') spread(node.inputs, node.outputs);
    // A region's rule may know of a dependence that its nodes do not show.
    for (const { inputs, outputs } of regions.get(index) ?? []) spread(inputs, outputs);
  }
  return ids;
}

function propagateNode(node: Node, found: Gradients, needed: Set<number>): void {
  const upstream = node.outputs.map((output) => found.of(output));
  if (upstream.every((gradient) => gradient === null)) return;
  if (!node.inputs.some((input) => needed.has(input.id))) return;
  const rule = GRADIENT_RULES[node.op] as ((n: Node, g: (Tensor | null)[]) => (Tensor | null)[]) | undefined;
  if (!rule) throw shapeError(`${node.op} has no gradient`);
  rule(node, upstream).forEach((gradient, i) => {
    const input = node.inputs[i]!;
    if (gradient && needed.has(input.id)) found.accumulate(input, gradient);
  });
}

function propagateRegion({ inputs, outputs, backward }: Region, found: Gradients): void {
  const upstream = outputs.map((output) => found.of(output));
  if (upstream.every((gradient) => gradient === null)) return;
  backward(upstream).forEach((gradient, i) => {
    if (gradient) found.accumulate(inputs[i]!, gradient);
  });
}
