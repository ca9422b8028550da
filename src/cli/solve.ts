/**
 * `solve`: answers one question with a policy, and shows the reasoning, the debate or the tree.
 *
 * Invariants: nothing is written but to --out, and nothing there is overwritten.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { resolveModelPath } from '../config/resolve.js';
import { EXIT } from '../errors.js';
import { claimFolder } from '../observe/claim-folder.js';
import { escapeJson, sanitizeLine } from '../observe/sanitize.js';
import { packageRoot, versions } from '../package-info.js';
import { SOLVE_DEFAULTS, Solver } from '../solve/solve.js';
import { Interruption } from './interruption.js';
import type { SolveOptions } from './options.js';
import { noAnswerText } from './views/solution-text.js';
import { createView } from './views/solve-view.js';

const DEFAULT_MODEL = 'models/nano';

/**
 * Returns the exit code: 0 with an answer, 4 without, 130 if interrupted. Errors: CONFIG for a question or folder that cannot be used,
 * MODEL_FILE.
 */
export async function runSolve(options: SolveOptions): Promise<number> {
  const { question, model = DEFAULT_MODEL, strategy = SOLVE_DEFAULTS.strategy, out } = options;
  const solver = new Solver(resolveModelPath(model, process.cwd(), packageRoot));
  const prepared = solver.prepare(question, options);
  if (out !== undefined) claimFolder(out, '--out');

  const { stdout, stderr, env } = process;
  const { samples, budget, leastTokens } = prepared;
  const isAlone = strategy === 'forward' || strategy === 'backward';
  const isLive = isAlone && !options.json && !options.quiet;
  const view = createView(options, { stdout, stderr, env, decode: solver.decode, samples, budget, isLive });
  const interruption = new Interruption();
  const unlisten = interruption.listen(() => {});
  const {
    solution: solved,
    artifact,
    drawing,
  } = await prepared.run({
    onToken: (stream, token) => view.token(stream, token),
    onEvent: (event) => view.event(event),
    signal: interruption.signal,
  });
  const solution = { ...solved, versions };
  if (out !== undefined) {
    writeJson(join(out, artifact.name), artifact.content);
    writeJson(join(out, 'solution.json'), solution);
  }
  view.end(
    solution,
    drawing((line) => sanitizeLine(line, 100)),
  );
  unlisten();
  const hasAnswer = solution.answer !== null;
  if (!hasAnswer) stderr.write(`${noAnswerText(solution, leastTokens)}\n`);
  if (solution.interrupted) return EXIT.interrupted;
  return hasAnswer ? EXIT.done : EXIT.noAnswer;
}

function writeJson(path: string, content: object): void {
  writeFileSync(path, `${escapeJson(JSON.stringify(content, null, 2))}\n`);
}
