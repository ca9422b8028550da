/**
 * The tree of reasoning steps that a search grows: what was sampled, how often it was visited and what it was worth.
 *
 * Invariants:
 * - a node's id is its index; its parent's id is smaller; the root (id 0) has no text: it stands for the prompt;
 * - the tokens along a path are exactly what the policy sampled, with the log-probabilities it sampled them at;
 * - for a node that ends nothing, visits = Σ children's visits + merged, and drawCount = Σ children's draws;
 * - every node that is neither the root nor an ending has a child.
 */
import { DialecticError } from '../../errors.js';
import { endingKey, stepKey } from './step-text.js';

/** A piece of a completion: one reasoning step. */
export interface Step {
  readonly text: string;
  readonly tokens: Int32Array; // [T]
  /** Behaviour log-probabilities. */
  readonly logProbs: Float32Array; // [T]
  /** Log of the probability mass that top-k and top-p kept; 0 where they are off. */
  readonly supportLogMass: Float32Array; // [T]
}

/** How a completion ended. */
export interface Ending {
  /** Text of the one answer found, null where there is none (no tags, several, cut off). */
  readonly answer: string | null;
  /** Canonical form of the answer: equal answers have equal classes. */
  readonly answerClass: string | null;
  /** Ended by the policy, not by the token limit. */
  readonly stopped: boolean;
}

export interface TreeNode extends Step {
  readonly id: number;
  /** −1 for the root. */
  readonly parent: number;
  /** Steps from the root. */
  readonly depth: number;
  /** Tokens from the root to the end of this step. */
  readonly pathTokens: number;
  readonly key: string;
  readonly ending: Ending | null;
  readonly children: number[];
  /** How often the policy drew this node from its parent. */
  draws: number;
  /** Softmax of the mean log-probability per token over the siblings. */
  prior: number;
  /** Draws made from this node, Σ children's draws. */
  drawCount: number;
  /** Indices of draws given out so far; a freed index is given out again first. */
  issued: number;
  readonly freed: number[];
  /** Draws under way from this node. */
  pending: number;
  /** Tickets under way at this node or below. */
  inFlight: number;
  visits: number;
  valueSum: number;
  /** −Infinity before the first visit. */
  maxValue: number;
  /** Value of the first rollout through this node, NaN before it. */
  firstValue: number;
  /** Rollouts that passed here and were not kept below (see Search: merged steps). */
  merged: number;
  /** Best reachable value once it is proven, otherwise null. */
  provenValue: number | null;
  /** Nothing is left to learn below. */
  exhausted: boolean;
}

const NO_STEP: Step = {
  text: '',
  tokens: new Int32Array(0),
  logProbs: new Float32Array(0),
  supportLogMass: new Float32Array(0),
};

export class SearchTree {
  readonly nodes: TreeNode[] = [];

  constructor() {
    this.nodes.push(createNode(0, null, 'root', NO_STEP, null));
  }

  get root(): TreeNode {
    return this.nodes[0]!;
  }

  get size(): number {
    return this.nodes.length;
  }

  /** Errors: INTERNAL for an id that the tree does not have. */
  node(id: number): TreeNode {
    const node = this.nodes[id];
    if (!node) throw new DialecticError('INTERNAL', `search tree has no node ${id}, it has ${this.size}`);
    return node;
  }

  childrenOf(node: TreeNode): TreeNode[] {
    return node.children.map((id) => this.node(id));
  }

  /** The child that says the same as a step, if there is one. */
  findChild(parent: TreeNode, step: Step, ending: Ending | null): TreeNode | undefined {
    const key = keyOf(step, ending);
    const id = parent.children.find((child) => this.node(child).key === key);
    return id === undefined ? undefined : this.node(id);
  }

  /** Adds a child with no draws and no visits. */
  addChild(parent: TreeNode, step: Step, ending: Ending | null): TreeNode {
    const { tokens, logProbs, supportLogMass } = step;
    if (logProbs.length !== tokens.length || supportLogMass.length !== tokens.length) {
      throw new DialecticError(
        'SHAPE',
        `step has ${tokens.length} tokens, ${logProbs.length} log-probabilities and ${supportLogMass.length} masses; expected as many of each`,
      );
    }
    const node = createNode(this.size, parent, keyOf(step, ending), step, ending);
    this.nodes.push(node);
    parent.children.push(node.id);
    this.#setPriors(parent);
    return node;
  }

  /** Nodes from the root to `node`, both included. */
  path(node: TreeNode): TreeNode[] {
    const path: TreeNode[] = [];
    for (let at: TreeNode | null = node; at; at = at.parent < 0 ? null : this.node(at.parent)) path.push(at);
    return path.reverse();
  }

  /** Tokens from the root to the end of a node: what a continuation of it is sampled after, behind the prompt. */
  tokensTo(node: TreeNode): Int32Array {
    const tokens = new Int32Array(node.pathTokens);
    let end = 0;
    for (const step of this.path(node)) {
      tokens.set(step.tokens, end);
      end += step.tokens.length;
    }
    return tokens;
  }

  /** Nodes that end a completion, in the order in which they were found. */
  leaves(): TreeNode[] {
    return this.nodes.filter((node) => node.ending !== null);
  }

  #setPriors(parent: TreeNode): void {
    const siblings = this.childrenOf(parent);
    const means = siblings.map(meanLogProb);
    const largest = Math.max(...means);
    const weights = means.map((mean) => Math.exp(mean - largest));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    siblings.forEach((sibling, i) => {
      sibling.prior = weights[i]! / total;
    });
  }
}

function keyOf(step: Step, ending: Ending | null): string {
  return ending ? endingKey(step.text, ending.answerClass) : stepKey(step.text);
}

/** Mean log-probability per token, which favours no length; 0 for a step without tokens. */
function meanLogProb({ logProbs }: Step): number {
  return logProbs.length === 0 ? 0 : logProbs.reduce((sum, logProb) => sum + logProb, 0) / logProbs.length;
}

function createNode(
  id: number,
  parent: TreeNode | null,
  key: string,
  step: Step,
  ending: Ending | null,
): TreeNode {
  return {
    id,
    parent: parent?.id ?? -1,
    depth: parent ? parent.depth + 1 : 0,
    text: step.text,
    tokens: step.tokens,
    logProbs: step.logProbs,
    supportLogMass: step.supportLogMass,
    key,
    ending,
    pathTokens: (parent?.pathTokens ?? 0) + step.tokens.length,
    children: [],
    draws: 0,
    prior: 1,
    drawCount: 0,
    issued: 0,
    freed: [],
    pending: 0,
    inFlight: 0,
    visits: 0,
    valueSum: 0,
    maxValue: Number.NEGATIVE_INFINITY,
    firstValue: Number.NaN,
    merged: 0,
    provenValue: null,
    exhausted: false,
  };
}
