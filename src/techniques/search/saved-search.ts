/**
 * A search as JSON (tree.json) and back: a search that goes on from it does what the saved one would have done.
 *
 * Invariants: tickets that are out are not saved; their draws are free again, so that the same continuations are asked for anew.
 * A file that breaks the tree's own rules is refused, never repaired.
 */
import { DialecticError } from '../../errors.js';
import { NO_COUNTS, type SearchCounts, TreeSearch } from './search.js';
import type { SearchOptions } from './search-options.js';
import { type Ending, SearchTree, type Step, type TreeNode } from './tree.js';

const FORMAT = 1;

/** Fields of a node that JSON can hold as they are. */
const PLAIN = ['draws', 'drawCount', 'issued', 'visits', 'valueSum', 'merged'] as const;

export interface SavedNode {
  readonly parent: number;
  readonly text: string;
  readonly tokens: number[];
  readonly logProbs: number[];
  readonly supportLogMass: number[];
  readonly ending: Ending | null;
  readonly draws: number;
  readonly drawCount: number;
  readonly issued: number;
  readonly visits: number;
  readonly valueSum: number;
  readonly merged: number;
  readonly freed: number[];
  /** Null before the first visit. */
  readonly maxValue: number | null;
  readonly firstValue: number | null;
  readonly outcome: number | null;
  readonly exhausted: boolean;
}

export interface SavedSearch {
  readonly format: number;
  readonly options: SearchOptions;
  readonly counts: SearchCounts;
  readonly nextTicket: number;
  readonly nodes: readonly SavedNode[];
}

/** The search as plain data for JSON.stringify. */
export function saveSearch(search: TreeSearch): SavedSearch {
  const { options, counts, nextTicket, tree, outstanding } = search;
  const nodes = tree.nodes.map((node): SavedNode => {
    const { parent, text, ending, draws, drawCount, issued, visits, valueSum, merged, outcome, exhausted } =
      node;
    const out = outstanding
      .filter(({ kind, nodeId }) => kind === 'expand' && nodeId === node.id)
      .map(({ draw }) => draw);
    return {
      ...{ parent, text, tokens: [...node.tokens], logProbs: [...node.logProbs] },
      ...{ supportLogMass: [...node.supportLogMass], ending },
      ...{ draws, drawCount, issued, visits, valueSum, merged, outcome, exhausted },
      freed: options.selection.parallel === 'none' ? [] : [...node.freed, ...out],
      maxValue: visits > 0 ? node.maxValue : null,
      firstValue: visits > 0 ? node.firstValue : null,
    };
  });
  return { format: FORMAT, options, counts: { ...counts }, nextTicket, nodes };
}

/** The search that `saveSearch` saved. Errors: DATA, naming the key that is wrong; CONFIG for impossible options. */
export function loadSearch(json: unknown): TreeSearch {
  const saved = json as SavedSearch; // every field is checked below before it is used
  if (!isObject(json) || saved.format !== FORMAT)
    return refuse('format', isObject(json) ? saved.format : json, String(FORMAT));
  if (!isObject(saved.options) || !isObject(saved.options.selection))
    return refuse('options', saved.options, 'the options of a search');
  if (
    !isObject(saved.counts) ||
    !Object.keys(NO_COUNTS).every((key) => isCount(Reflect.get(saved.counts, key)))
  )
    return refuse('counts', saved.counts, `counts ${Object.keys(NO_COUNTS).join(', ')}`);
  if (!isCount(saved.nextTicket)) return refuse('nextTicket', saved.nextTicket, 'a count');
  if (!Array.isArray(saved.nodes) || saved.nodes.length === 0)
    return refuse('nodes', saved.nodes, 'a list of nodes');
  const tree = new SearchTree();
  saved.nodes.forEach((node, id) => {
    restoreNode(tree, checkedNode(node, id), id);
  });
  for (const node of tree.nodes) checkSums(tree, node);
  return new TreeSearch(saved.options, { tree, counts: saved.counts, nextTicket: saved.nextTicket });
}

function checkedNode(node: SavedNode, id: number): SavedNode {
  const at = `nodes[${id}]`;
  if (!isObject(node)) return refuse(at, node, 'a node');
  const isParent = id === 0 ? node.parent === -1 : isCount(node.parent) && node.parent < id;
  if (!isParent) refuse(`${at}.parent`, node.parent, id === 0 ? '-1' : `an index below ${id}`);
  if (typeof node.text !== 'string') refuse(`${at}.text`, node.text, 'text');
  for (const key of ['tokens', 'logProbs', 'supportLogMass', 'freed'] as const) {
    if (!Array.isArray(node[key]) || !node[key].every(Number.isFinite))
      refuse(`${at}.${key}`, node[key], 'a list of numbers');
  }
  for (const key of PLAIN) {
    if (!(key === 'valueSum' ? Number.isFinite(node[key]) : isCount(node[key])))
      refuse(`${at}.${key}`, node[key], key === 'valueSum' ? 'a number' : 'a count');
  }
  for (const key of ['maxValue', 'firstValue'] as const) {
    if (node.visits > 0 !== Number.isFinite(node[key]))
      refuse(`${at}.${key}`, node[key], 'a number, and null before the first visit');
  }
  if (node.outcome !== null && !Number.isFinite(node.outcome))
    refuse(`${at}.outcome`, node.outcome, 'a number or null');
  if (typeof node.exhausted !== 'boolean') refuse(`${at}.exhausted`, node.exhausted, 'true or false');
  if (!isEnding(node.ending)) refuse(`${at}.ending`, node.ending, 'answer, answerClass and stopped, or null');
  return node;
}

function restoreNode(tree: SearchTree, saved: SavedNode, id: number): void {
  let node = tree.root;
  if (id > 0) {
    const step: Step = {
      text: saved.text,
      tokens: Int32Array.from(saved.tokens),
      logProbs: Float32Array.from(saved.logProbs),
      supportLogMass: Float32Array.from(saved.supportLogMass),
    };
    const parent = tree.node(saved.parent);
    if (parent.ending) refuse(`nodes[${id}].parent`, saved.parent, 'a node that ends nothing');
    node = tree.addChild(parent, step, saved.ending);
  }
  for (const key of PLAIN) node[key] = saved[key];
  node.freed.push(...saved.freed);
  node.maxValue = saved.maxValue ?? Number.NEGATIVE_INFINITY;
  node.firstValue = saved.firstValue ?? Number.NaN;
  node.outcome = saved.outcome;
  node.exhausted = saved.exhausted;
}

function checkSums(tree: SearchTree, node: TreeNode): void {
  if (node.ending) return;
  const sums = { visits: node.merged, draws: 0 };
  for (const child of tree.childrenOf(node)) {
    sums.visits += child.visits;
    sums.draws += child.draws;
  }
  const at = `nodes[${node.id}]`;
  if (node.visits !== sums.visits)
    refuse(`${at}.visits`, node.visits, `its children's and its merged ones, ${sums.visits}`);
  if (node.drawCount !== sums.draws)
    refuse(`${at}.drawCount`, node.drawCount, `its children's, ${sums.draws}`);
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isTextOrNull = (value: unknown): boolean => value === null || typeof value === 'string';

function isEnding(value: Ending | null): boolean {
  if (value === null) return true;
  return (
    isObject(value) &&
    isTextOrNull(value.answer) &&
    isTextOrNull(value.answerClass) &&
    typeof value.stopped === 'boolean'
  );
}

function refuse(key: string, found: unknown, expected: string): never {
  const shown = String(JSON.stringify(found)).slice(0, 80);
  throw new DialecticError('DATA', `saved search: ${key} is ${shown}; expected ${expected}`);
}
