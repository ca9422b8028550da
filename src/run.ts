#!/usr/bin/env node
/** The command line: parses the arguments, runs the command, and turns what went wrong into a message and an exit code. */
import { parseArguments } from './cli/arguments.js';
import { exitCodeOf, renderError } from './cli/error-report.js';
import { version } from './cli/package-info.js';
import { runPretrain } from './commands/pretrain.js';
import { runTrain } from './commands/train.js';
import { EXIT } from './protocol/errors.js';

const argv = process.argv.slice(2);

async function main(): Promise<number> {
  const parsed = parseArguments(argv, version);
  switch (parsed.command) {
    case 'help':
      process.stdout.write(`${parsed.options.text}\n`);
      return EXIT.done;
    case 'pretrain':
      await runPretrain(parsed.options);
      return EXIT.done;
    case 'train':
      return runTrain(parsed.options, argv);
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  const color = process.stderr.isTTY === true && !process.env.NO_COLOR && !argv.includes('--no-color');
  process.stderr.write(`${renderError(error, { debug: argv.includes('--debug'), color })}\n`);
  process.exitCode = exitCodeOf(error);
}
