/** `train`, the default command: a run of the library, shown on a terminal or as JSON lines. */
import { type ResolvedConfig, resolveConfig } from '../config/resolve.js';
import { EXIT } from '../errors.js';
import { jsonLine } from '../observe/jsonl.js';
import { startRun } from '../training/run.js';
import type { TrainOptions } from './arguments.js';
import { Interruption } from './interruption.js';
import { configRecord, renderConfigTable } from './views/dry-run.js';
import { JsonLines } from './views/json-lines.js';
import { lostText, renderSummary } from './views/summary-table.js';
import { hasColor, TerminalView } from './views/terminal.js';

/** Runs the command; gives the exit code. */
export async function runTrain(options: TrainOptions, argv: readonly string[]): Promise<number> {
  const resolved = resolveConfig(options);
  const color = hasColor({ stream: process.stdout, env: process.env, color: options.color });
  if (options.dryRun) {
    const record = configRecord(resolved);
    process.stdout.write(options.json ? jsonLine(record) : renderConfigTable(resolved, color));
    return EXIT.done;
  }
  return train(resolved, options, argv, color);
}

async function train(
  resolved: ResolvedConfig,
  options: TrainOptions,
  argv: readonly string[],
  color: boolean,
): Promise<number> {
  const view = new TerminalView({
    stream: process.stderr,
    env: process.env,
    color: options.color,
    quiet: options.quiet || options.json,
    now: () => performance.now(),
  });
  const lines = options.json ? new JsonLines(process.stdout) : null;
  const interruption = new Interruption();
  let release = (): void => {};
  const listen = (): void => {
    release = interruption.listen(() =>
      view.note('stopping; an update in hand is finished first, interrupt again to quit now'),
    );
  };
  const run = startRun({
    resolve: () => resolved,
    argv,
    workingDirectory: process.cwd(),
    environment: process.env,
    signal: interruption.signal,
    onEvent: (event) => {
      // Before the run has written anything there is nothing to stop in order.
      if (event.type === 'run.started') listen();
      lines?.write(event);
      view.show(run.state);
    },
  });
  try {
    const summary = await run.summary;
    const lost = lostText(summary.lost);
    if (lost) view.warn(lost);
    view.finish();
    if (lines) lines.write(summary);
    else process.stdout.write(renderSummary(summary, color));
  } finally {
    view.finish();
    release();
  }
  return interruption.requested ? EXIT.interrupted : EXIT.done;
}
