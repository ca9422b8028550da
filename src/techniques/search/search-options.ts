/** What a search is allowed and how it behaves; checked once, so that the search itself never meets an impossible setting. */
import { DialecticError } from '../../errors.js';
import { SELECTION_FORMULAS } from '../../protocol/index.js';
import type { SelectionRule } from './selection.js';

export interface SearchOptions {
  /** Word of the random key that breaks ties. */
  readonly seed: number;
  readonly selection: SelectionRule;
  /** Children of a node, at most (a continuation that turns out to pass an existing node may add one more). */
  readonly width: number;
  /** Draws from a node before it counts as full: repetitions of a child use them up. At least `width`; see TreeSearch on doubling. */
  readonly maxDraws: number;
  /** Steps of a path, at most; what a completion says beyond is one last step. */
  readonly maxDepth: number;
  readonly maxNodes: number;
  readonly maxRollouts: number;
  /** Tokens of all completions together, those under way included. */
  readonly maxTokens: number;
  /** Tokens of one path. */
  readonly maxCompletionTokens: number;
  /** No completion is begun with fewer tokens left than this. */
  readonly minCompletionTokens: number;
  /** Always true, the same completion gets the same reward; what reads `tree.json` expects it. */
  readonly exact: true;
  /** The largest reward there is; a path that has it is a solution. */
  readonly bestReward: number;
  /** Stop at the first solution. */
  readonly stopAtSolution: boolean;
}

export const DEFAULT_SEARCH: SearchOptions = {
  seed: 0,
  selection: { formula: 'ucb1', exploration: Math.SQRT2, parallel: 'wu-uct' },
  width: 3,
  maxDraws: 24,
  maxDepth: 24,
  maxNodes: 10_000,
  maxRollouts: 64,
  maxTokens: 100_000,
  maxCompletionTokens: 256,
  minCompletionTokens: 16,
  exact: true,
  bestReward: 1,
  stopAtSolution: false,
};

const MODES = ['wu-uct', 'virtual-loss', 'none'];

/** Errors: CONFIG, naming the first key that is out of range. */
export function checkSearchOptions(options: SearchOptions): void {
  const refuse = (key: string, found: unknown, expected: string): never => {
    throw new DialecticError('CONFIG', `search option ${key} is ${String(found)}; expected ${expected}`);
  };
  const { selection } = options;
  if (!SELECTION_FORMULAS.includes(selection.formula))
    refuse('selection.formula', selection.formula, SELECTION_FORMULAS.join(' or '));
  if (!MODES.includes(selection.parallel)) refuse('selection.parallel', selection.parallel, MODES.join(', '));
  if (!(selection.exploration >= 0 && Number.isFinite(selection.exploration)))
    refuse('selection.exploration', selection.exploration, 'a number of at least 0');
  if (!Number.isFinite(options.bestReward)) refuse('bestReward', options.bestReward, 'a number');
  const counts = [
    'width',
    'maxDraws',
    'maxDepth',
    'maxNodes',
    'maxRollouts',
    'maxTokens',
    'maxCompletionTokens',
    'minCompletionTokens',
  ] as const;
  for (const key of counts) {
    if (!(Number.isSafeInteger(options[key]) && options[key] >= 1))
      refuse(key, options[key], 'an integer of at least 1');
  }
  if (options.maxDraws < options.width)
    refuse('maxDraws', options.maxDraws, `at least width ${options.width}`);
  if (options.minCompletionTokens > options.maxCompletionTokens)
    refuse('minCompletionTokens', options.minCompletionTokens, `at most ${options.maxCompletionTokens}`);
  if (options.maxNodes < 2) refuse('maxNodes', options.maxNodes, 'at least 2, the root and one step');
}
