#!/usr/bin/env node
/** The command line: parses the arguments, runs the command, and turns what went wrong into a message and an exit code. */
import { parseArguments } from './cli/arguments.js';
import { runData } from './cli/data.js';
import { runDoctor } from './cli/doctor.js';
import { runEval } from './cli/eval.js';
import { runPretrain } from './cli/pretrain.js';
import { runSolve } from './cli/solve.js';
import { runTrain } from './cli/train.js';
import { exitCodeOf, renderError } from './cli/views/error-report.js';
import { EXIT } from './errors.js';
import { version } from './package-info.js';

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
