/** Draws a search tree as text, for people. */
import type { SearchTree, TreeNode } from './tree.js';

interface RenderOptions {
  /** Makes model text safe to print on one line: it may hold anything. */
  readonly show: (text: string) => string;
  /** Lines, at most; the last one says how many nodes are not shown. */
  readonly maxLines?: number;
}

/** One line a node: visits, average value, what is proven, its text. ASCII but for what `show` lets through. */
export function renderTree(tree: SearchTree, { show, maxLines = 200 }: RenderOptions): string {
  const lines: string[] = [];
  const draw = (node: TreeNode, lead: string, branch: string): void => {
    if (lines.length >= maxLines) return;
    lines.push(`${lead}${branch}${describeNode(node, show)}`);
    const children = tree.childrenOf(node);
    const below = lead + (branch === '' ? '' : branch.startsWith('`') ? '   ' : '|  ');
    children.forEach((child, i) => {
      draw(child, below, i === children.length - 1 ? '`- ' : '|- ');
    });
  };
  draw(tree.root, '', '');
  const hidden = tree.size - lines.length;
  if (hidden > 0) lines.push(`... ${hidden} more nodes`);
  return `${lines.join('\n')}\n`;
}

function describeNode(node: TreeNode, show: (text: string) => string): string {
  const { visits, valueSum, inFlight, provenValue, exhausted, ending, id } = node;
  const value = visits > 0 ? (valueSum / visits).toFixed(2) : '-';
  const notes = [
    `n=${visits} v=${value}`,
    ...(inFlight > 0 ? [`in flight=${inFlight}`] : []),
    ...(provenValue !== null ? [`proven=${provenValue.toFixed(2)}`] : []),
    ...(exhausted && !ending ? ['exhausted'] : []),
  ];
  const answer = ending ? ` -> ${ending.answer === null ? 'no answer' : show(ending.answer)}` : '';
  return `[${notes.join(' ')}] ${id === 0 ? '(prompt)' : show(node.text)}${answer}`;
}
