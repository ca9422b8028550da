/**
 * The reward of a program: an answer in JavaScript is run in the sandbox, and what it prints is compared with the gold answer.
 *
 * Invariants: a program that fails, or meets a limit of the sandbox, earns 0; where the sandbox itself fails a completion is not
 * scored (NaN); no completion costs another one its score.
 */

import type { ScoringItem } from '../protocol/index.js';
import { answersMatch } from './answers/answer.js';
import { parseCompletion } from './parse.js';
import { createSandbox, type Sandbox } from './sandbox/sandbox.js';

/** Name of the row among the rewards. */
export const CODE_NAME = 'code';

const FENCE = '```';
const STACK_BYTES = 2 ** 18;
/** Gold answers are far shorter. */
const MAX_OUTPUT_CHARACTERS = 20_000;

/** Whether a problem is answered by a program, whose output is the gold answer. */
function asksForProgram({ type, domain }: ScoringItem): boolean {
  return type === 'code' && domain === 'javascript';
}

/** The program in an answer: the only fenced block, or all of it where there is none; null for anything ambiguous. */
export function programOf(answer: string): string | null {
  const parts = answer.split(FENCE);
  if (parts.length === 1) return answer;
  if (parts.length !== 3) return null;
  const block = parts[1]!;
  const firstLine = block.indexOf('\n');
  return firstLine < 0 ? null : block.slice(firstLine + 1); // the first line names the language
}

async function scoreOne(sandbox: Sandbox, item: ScoringItem): Promise<number> {
  if (!asksForProgram(item)) return 0;
  const answer = parseCompletion(item.completion).answer;
  const program = answer === null ? null : programOf(answer);
  if (program === null) return 0;
  try {
    const { ending, output } = await sandbox.run(program);
    return ending === 'value' && answersMatch(item.answer, output, 'code') ? 1 : 0;
  } catch {
    // The sandbox failed, not the program: NaN is counted as not scored.
    return Number.NaN;
  }
}

/** 1 or 0 for each completion, NaN where the sandbox failed; 0 for problems that ask for no program. Never rejects. */
export function scorePrograms(sandbox: Sandbox, batch: readonly ScoringItem[]): Promise<number[]> {
  return Promise.all(batch.map((item) => scoreOne(sandbox, item)));
}

/** Scores programs in a sandbox of its own. */
export function createCodeReward({
  timeoutMs,
  memoryMegabytes,
}: {
  timeoutMs: number;
  memoryMegabytes: number;
}): {
  score(batch: readonly ScoringItem[]): Promise<number[]>;
  close(): Promise<void>;
} {
  const sandbox = createSandbox({
    timeoutMs,
    memoryBytes: memoryMegabytes * 2 ** 20,
    stackBytes: STACK_BYTES,
    maxOutputCharacters: MAX_OUTPUT_CHARACTERS,
  });
  return { score: (batch) => scorePrograms(sandbox, batch), close: sandbox.close };
}
