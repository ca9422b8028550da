/**
 * Turns the command line into a command and its options; values of configuration keys stay text until they meet the schema.
 *
 * Invariants: nothing is printed and the process is never ended from here; a wrong argument is a CONFIG error (exit 2)
 * that names the nearest right one.
 */

import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { FlagValue } from '../config/resolve.js';
import { nearest } from '../config/suggest.js';
import { type FieldMap, MAPPED_FIELDS } from '../data/dataset/formats.js';
import { DialecticError } from '../errors.js';
import { DATA_FORMATS, STRATEGIES, type Strategy } from '../protocol/index.js';
import { SOLVE_HELP, TRAIN_HELP } from './help-texts.js';
import type {
  DataOptions,
  DoctorOptions,
  EvalOptions,
  FileOptions,
  PretrainOptions,
  SolveOptions,
  TrainOptions,
} from './options.js';

export type * from './options.js';

export type ParsedArguments =
  | { readonly command: 'train'; readonly options: TrainOptions }
  | { readonly command: 'pretrain'; readonly options: PretrainOptions }
  | { readonly command: 'data'; readonly options: DataOptions }
  | { readonly command: 'eval'; readonly options: EvalOptions }
  | { readonly command: 'solve'; readonly options: SolveOptions }
  | { readonly command: 'doctor'; readonly options: DoctorOptions }
  | { readonly command: 'help'; readonly options: { readonly text: string } };

const COMMANDS = ['train', 'pretrain', 'data', 'eval', 'solve', 'doctor', 'help'] as const;

/** Parses the arguments after the script's name. Throws CONFIG on a wrong one. */
export function parseArguments(argv: readonly string[], version: string): ParsedArguments {
  const [first] = argv;
  if (first === undefined || first.startsWith('-')) return parseTrain(argv, version);
  const rest = argv.slice(1);
  switch (first) {
    case 'train':
      return parseTrain(rest, version);
    case 'pretrain':
      return parsePretrain(rest, version);
    case 'data':
      return parseData(rest, version);
    case 'eval':
      return parseEval(rest, version);
    case 'solve':
      return parseSolve(rest, version);
    case 'doctor':
      return parseDoctor(rest, version);
    case 'help': {
      const topic = rest[0] ?? 'train';
      const isCommand = topic !== 'help' && (COMMANDS as readonly string[]).includes(topic);
      return parseArguments([isCommand ? topic : 'train', '--help'], version);
    }
    default: {
      const near = nearest(first, COMMANDS);
      throw new DialecticError(
        'CONFIG',
        `unknown command '${first}'${near ? `, did you mean ${near}?` : '.'} Commands: ${COMMANDS.join(', ')}.`,
      );
    }
  }
}

function parseTrain(argv: readonly string[], version: string): ParsedArguments {
  const command = newCommand('dialectic', version)
    .description(
      'Trains a language model to reason with GRPO. Without arguments: the shipped model, in minutes.',
    )
    .usage('[train] [options]')
    .option('--config <file>', 'JSON configuration file')
    .option('--set <key=value>', 'set one configuration key, e.g. learner.beta=0.04 (repeatable)', addSet)
    .option('--updates <n>', 'optimizer updates (key: updates)')
    .option('--seed <n>', 'key of all randomness (key: seed)')
    .option('--actors <counts>', 'actors by kind, e.g. forward=4,scorer=2 (keys: actors.*)', addActors)
    .option('--threads <n>', 'worker threads that carry the rollout workers (key: threads)')
    .option('--run-dir <dir>', 'folder of the run, new or empty (key: runDir)')
    .option('--dry-run', 'print the resolved configuration and where each value comes from, then stop')
    .option('--json', 'JSON lines on stdout, and nothing else there')
    .option('--quiet', 'no progress')
    .option('--no-color', 'no colours (as does the variable NO_COLOR)')
    .option('--debug', 'print the stack of an error')
    .addHelpText('after', TRAIN_HELP);
  const help = parse(command, argv);
  if (help !== undefined) return { command: 'help', options: { text: help } };
  const given = command.opts<TrainGiven>();
  const { config: file, set: sets = [], actors = [], color } = given;
  const flags: FlagValue[] = [...actors];
  for (const [name, flag] of [
    ['updates', '--updates'],
    ['seed', '--seed'],
    ['threads', '--threads'],
    ['runDir', '--run-dir'],
  ] as const) {
    const text = given[name];
    if (text !== undefined) flags.push({ flag, key: name, text });
  }
  const { dryRun = false, json = false, quiet = false, debug = false } = given;
  const options = { sets, flags, dryRun, json, quiet, color, debug };
  return { command: 'train', options: file === undefined ? options : { ...options, file } };
}

/** What commander returns for `train`. */
interface TrainGiven {
  readonly config?: string;
  readonly set?: [string, string][];
  readonly updates?: string;
  readonly seed?: string;
  readonly actors?: FlagValue[];
  readonly threads?: string;
  readonly runDir?: string;
  readonly dryRun?: true;
  readonly json?: true;
  readonly quiet?: true;
  readonly color: boolean;
  readonly debug?: true;
}

function parsePretrain(argv: readonly string[], version: string): ParsedArguments {
  const command = newCommand('dialectic pretrain', version)
    .description('Warm-starts a policy by supervised training on generated reasoning traces.')
    .option('--out <dir>', 'folder of the new policy, Hugging Face layout')
    .option('--tokens <n>', 'tokens to train on', integer(1, 1e12))
    .option('--seed <n>', 'key of all randomness', integer(0, 0xffff_ffff))
    .option('--threads <n>', 'threads inside one operator', integer(1, 256))
    .option('--json', 'JSON lines on stdout, and nothing else there')
    .option('--no-color', 'no colours')
    .option('--debug', 'print the stack of an error');
  const help = parse(command, argv);
  if (help !== undefined) return { command: 'help', options: { text: help } };
  const given = command.opts<Partial<PretrainOptions>>();
  return { command: 'pretrain', options: { json: false, color: true, debug: false, ...given } };
}

function parseData(argv: readonly string[], version: string): ParsedArguments {
  const command = withFileOptions(newCommand('dialectic data', version), '--check')
    .description(
      'Writes 1,000 reasoning problems with answers and traces: train, evaluation and all, as JSON lines.',
    )
    .option('--out <dir>', 'folder of the dataset, new or empty (default: data/seed<n>)')
    .option('--seed <n>', 'key of all randomness (default: 42)', integer(0, 0xffff_ffff))
    .option('--augment', 'add paraphrases, scaled variants and transfers: 2,500 examples or more')
    .option('--check <file>', 'check a .jsonl, .jsonl.gz or .parquet file instead, and print its statistics')
    .option('--json', 'one JSON line on stdout, and nothing else there')
    .option('--no-color', 'no colours')
    .option('--debug', 'print the stack of an error');
  const help = parse(command, argv);
  if (help !== undefined) return { command: 'help', options: { text: help } };
  const given = command.opts<Partial<DataOptions>>();
  const { check, out, seed, augment } = given;
  requireFile(given, check, '--check');
  if (check !== undefined && (out !== undefined || seed !== undefined || augment === true))
    throw new DialecticError('CONFIG', '--check reads a file; --out, --seed and --augment are for writing.');
  return { command: 'data', options: { augment: false, json: false, color: true, debug: false, ...given } };
}

function parseEval(argv: readonly string[], version: string): ParsedArguments {
  const command = withFileOptions(newCommand('dialectic eval', version), '--data')
    .description('Completes problems with a policy and says how many are right, formatted and well reasoned.')
    .option('--model <dir>', 'folder of the policy, Hugging Face layout')
    .option(
      '--data <file>',
      '.jsonl, .jsonl.gz or .parquet with problems; else held-out ones of the generators',
    )
    .option('--problems <n>', 'problems to evaluate on', integer(1, 1_000_000))
    .option('--samples <k>', 'completions a problem beside the greedy one, for pass@k', integer(1, 1024))
    .option('--temperature <t>', 'temperature of sampled completions', positive)
    .option('--rewards <file>', 'module with a reward of your own, docs/rewards.md (repeatable)', addText)
    .option('--max-tokens <n>', 'tokens after which a completion is cut off', integer(1, 131_072))
    .option('--seed <n>', 'key of all randomness', integer(0, 0xffff_ffff))
    .option('--threads <n>', 'threads inside one operator', integer(1, 256))
    .option('--out <dir>', 'folder of the results, new or empty')
    .option('--json', 'one JSON line on stdout, and nothing else there')
    .option('--no-color', 'no colours')
    .option('--debug', 'print the stack of an error');
  const help = parse(command, argv);
  if (help !== undefined) return { command: 'help', options: { text: help } };
  const given = command.opts<Partial<EvalOptions>>();
  requireFile(given, given.data, '--data');
  return { command: 'eval', options: { json: false, color: true, debug: false, ...given } };
}

function parseSolve(argv: readonly string[], version: string): ParsedArguments {
  const command = newCommand('dialectic solve', version)
    .description('Answers one question with a policy and shows how.')
    .usage('"<question>" [options]')
    .argument('<question>', 'the question, in quotes')
    .allowExcessArguments()
    .option('--model <dir>', 'folder of the policy, Hugging Face layout')
    .option('--strategy <name>', `${STRATEGIES.join(', ')} (default: forward)`, solveStrategy)
    .option('--budget <tokens>', 'tokens that may be sampled (default: 2000)', integer(1, 1e9))
    .option(
      '--samples <n>',
      'completions (default: 1); of a debate, in each turn; of a tree, rollouts at most (64)',
      integer(1, 1024),
    )
    .option(
      '--temperature <t>',
      'temperature; 0 is greedy (default: 1; 0 for a single completion)',
      temperature,
    )
    .option(
      '--max-tokens <n>',
      'tokens after which a completion is cut off (default: 256)',
      integer(1, 131_072),
    )
    .option('--seed <n>', 'key of all randomness (default: 42)', integer(0, 0xffff_ffff))
    .option('--out <dir>', 'folder for solution.json and debate.json or tree.json, new or empty')
    .option('--json', 'JSON lines on stdout, and nothing else there')
    .option('--quiet', 'only the answer')
    .option('--no-color', 'no colours')
    .option('--debug', 'print the stack of an error')
    .addHelpText('after', SOLVE_HELP);
  const help = parse(command, argv);
  if (help !== undefined) return { command: 'help', options: { text: help } };
  const [question, ...more] = command.args as [string, ...string[]];
  if (more.length > 0) throw new DialecticError('CONFIG', 'solve takes one question; put it in quotes.');
  if (question.trim() === '')
    throw new DialecticError('CONFIG', 'the question is empty; expected some text.');
  const given = command.opts<Partial<SolveOptions>>();
  const common = { question, json: false, quiet: false, color: true, debug: false };
  return { command: 'solve', options: { ...common, ...given } };
}

function parseDoctor(argv: readonly string[], version: string): ParsedArguments {
  const command = newCommand('dialectic doctor', version)
    .description('Checks what a run needs, and says what is wrong and what to do about it.')
    .option('--model <dir>', 'folder of the policy to check')
    .option('--json', 'one JSON line on stdout, and nothing else there')
    .option('--no-color', 'no colours')
    .option('--debug', 'print the stack of an error');
  const help = parse(command, argv);
  if (help !== undefined) return { command: 'help', options: { text: help } };
  const given = command.opts<Partial<DoctorOptions>>();
  return { command: 'doctor', options: { json: false, color: true, debug: false, ...given } };
}

function newCommand(name: string, version: string): Command {
  return new Command(name)
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .exitOverride()
    .configureHelp({ helpWidth: 110 });
}

/** The options of a command that reads a user's file, which `flag` names. */
function withFileOptions(command: Command, flag: string): Command {
  return command
    .addOption(
      new Option('--format <name>', `layout of the rows of ${flag} (default: own)`).choices(DATA_FORMATS),
    )
    .option('--fields <map>', 'our fields by theirs instead, e.g. question=prompt,answer=solution', fieldMap)
    .addOption(
      new Option('--on-bad-row <action>', 'end with an error, or count it (default: fail)').choices([
        'fail',
        'skip',
      ]),
    );
}

function requireFile(options: FileOptions, file: string | undefined, flag: string): void {
  const { format, fields, onBadRow } = options;
  if (file === undefined && (format ?? fields ?? onBadRow) !== undefined)
    throw new DialecticError('CONFIG', `--format, --fields and --on-bad-row need a file: ${flag} <file>.`);
  if (format !== undefined && fields !== undefined)
    throw new DialecticError('CONFIG', '--fields takes the place of --format; give one of them.');
}

function fieldMap(text: string): FieldMap {
  const map = Object.fromEntries(text.split(',').map((part) => part.split('=').map((name) => name.trim())));
  for (const [ours, theirs] of Object.entries(map)) {
    if (!theirs)
      throw new InvalidArgumentError('Expected ours=theirs, e.g. question=prompt,answer=solution.');
    if (!MAPPED_FIELDS.includes(ours))
      throw new InvalidArgumentError(`There is no field ${ours}; expected ${MAPPED_FIELDS.join(', ')}.`);
  }
  if (!map.question || !map.answer)
    throw new InvalidArgumentError('Expected question and answer among them.');
  return map as FieldMap;
}

function addText(text: string, texts: string[] = []): string[] {
  return [...texts, text];
}

/** Parses into `command`. Returns the text to print when help or version was asked for. */
function parse(command: Command, argv: readonly string[]): string | undefined {
  let printed = '';
  command.configureOutput({
    writeOut: (text) => {
      printed += text;
    },
    writeErr: () => {},
  });
  try {
    command.parse([...argv], { from: 'user' });
    return undefined;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return printed;
    const message =
      unknownOption(command, error) ?? error.message.replace(/^error: /, '').replaceAll('\n', ' ');
    throw new DialecticError('CONFIG', `${message}. See --help.`.replace(/([?).])\.( See)/, '$1$2'), {
      cause: error,
    });
  }
}

/** Commander suggests nothing for `--sed=1`: it compares the value too. */
function unknownOption(command: Command, { code, message }: CommanderError): string | undefined {
  const name = code === 'commander.unknownOption' ? /'(--?[^'=]*)/.exec(message)?.[1] : undefined;
  if (name === undefined) return undefined;
  const near = nearest(
    name,
    command.options.flatMap(({ long }) => long ?? []),
  );
  return `unknown option '${name}'${near ? ` (Did you mean ${near}?)` : ''}`;
}

function addSet(text: string, sets: [string, string][] = []): [string, string][] {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Expected key=value, e.g. learner.beta=0.04.');
  return [...sets, [text.slice(0, at).trim(), text.slice(at + 1)]];
}

function addActors(text: string, flags: FlagValue[] = []): FlagValue[] {
  const added = text.split(',').map((part) => {
    const [kind, count, ...more] = part.split('=').map((word) => word.trim());
    if (!kind || !count || more.length > 0) {
      throw new InvalidArgumentError('Expected kinds with counts, e.g. forward=4,scorer=2.');
    }
    return { flag: '--actors', key: `actors.${kind}`, text: count };
  });
  return [...flags, ...added];
}

function integer(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < low || value > high) {
      throw new InvalidArgumentError(`Expected an integer from ${low} to ${high}.`);
    }
    return value;
  };
}

function solveStrategy(text: string): Strategy {
  const found = STRATEGIES.find((name) => name === text);
  if (found) return found;
  const expected = `Expected ${STRATEGIES.join(', ')}.`;
  throw new InvalidArgumentError(
    text === 'anneal' ? `anneal learns from rewards, and one question gives none. ${expected}` : expected,
  );
}

function temperature(text: string): number {
  return Number(text) === 0 && text.trim() !== '' ? 0 : positive(text);
}

function positive(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0) || value > 10) {
    throw new InvalidArgumentError('Expected a number above 0 and at most 10.');
  }
  return value;
}
