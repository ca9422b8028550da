#!/usr/bin/env node
/** The command line: parses the arguments, runs the command, and turns what went wrong into a message and an exit code. */
import { parseArguments } from './cli/arguments.js';
import { exitCodeOf, renderError } from './cli/error-report.js';
import { version } from './cli/package-info.js';
import { runData } from './commands/data.js';
import { runDoctor } from './commands/doctor.js';
import { runEval } from './commands/eval.js';
import { runPretrain } from './commands/pretrain.js';
import { runSolve } from './commands/solve.js';
import { runTrain } from './commands/train.js';
import { EXIT } from './protocol/errors.js';

const argv = process.argv.slice(2);

// A reader that goes away (`| head`) must not end a run: all it would have read is in the run's folder.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

async function main(): Promise<number> {
  const parsed = parseArguments(argv, version);
  switch (parsed.command) {
    case 'help':
      process.stdout.write(parsed.options.text);
      return EXIT.done;
    case 'data':
      await runData(parsed.options);
      return EXIT.done;
    case 'eval':
      await runEval(parsed.options);
      return EXIT.done;
    case 'solve':
      return runSolve(parsed.options);
    case 'doctor':
      return runDoctor(parsed.options);
    case 'pretrain':
      await runPretrain(parsed.options);
      return EXIT.done;
    case 'train':
      return runTrain(parsed.options, argv);
  }
}

function report(error: unknown): number {
  const color = process.stderr.isTTY === true && !process.env.NO_COLOR && !argv.includes('--no-color');
  process.stderr.write(renderError(error, { debug: argv.includes('--debug'), color }));
  return exitCodeOf(error);
}

process.on('uncaughtException', (error) => process.exit(report(error)));
try {
  process.exitCode = await main();
} catch (error) {
  process.exitCode = report(error);
}
