/**
 * Writes docs/configuration.md from the schema, so that the page cannot say anything else than the program does.
 *
 *   npm run docs:configuration
 *
 * Invariants: every key of the schema has one row; what is allowed is the text that the program itself shows after "expected".
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { KEYS, type KeyInfo } from '../../src/config/keys.js';
import { packageRoot } from '../kit/root.js';

export const CONFIGURATION_PAGE = join(packageRoot, 'docs', 'configuration.md');

/** What a number counts, told by the end of its key: names carry their units. A number without one has no unit. */
const UNITS: readonly (readonly [RegExp, string])[] = [
  [/Ms$/, 'milliseconds'],
  [/Megabytes$/, 'MiB'],
  [/Tokens$|tokensPerMicroBatch$|topK$/, 'tokens'],
  [/[uU]pdates$/, 'updates'],
  [/^actors\.(sampler|scorer)$|threads$/, 'threads'],
  [/^actors\./, 'actors'],
  [/^debate\.maxRounds$/, 'rounds'],
  [/^search\.workers$/, 'requests'],
  [/^search\.width$/, 'steps'],
  [/groupSize$/, 'completions'],
  [/promptsPerUpdate$/, 'prompts'],
  [/slotsPerSampler$/, 'sequences'],
  [/evaluationProblems$/, 'problems'],
  [/maxConcurrent$/, 'answers'],
  [/iterations$/, 'passes'],
];

/** What the sections are about, in the order of the schema. The first one has the keys outside of any. */
const SECTIONS: Readonly<Record<string, string>> = {
  '': 'The run',
  actors: 'How many actors and threads of each kind',
  data: 'Problems',
  sampling: 'What an update samples',
  debate: 'Debates',
  search: 'Trees',
  learner: 'The update',
  rewards: 'Rewards',
  'rewards.tunix': "Rewards of Tunix's example",
  'rewards.judge': 'A language model as judge',
  'rewards.sandbox': 'Programs as answers',
  evaluation: 'Evaluation',
  checkpoint: 'Checkpoints',
};

const HEAD = `# Configuration

Every key of a run, in the order of the schema (\`src/config/schema.ts\`); this page is made from it by \`npm run docs:configuration\`.
Keys are set in a JSON file (\`--config FILE\`, nested by section), by \`--set key=value\`, or by a flag of
their own (\`--help\`); flags win over \`--set\`, and \`--set\` over files. Unknown keys, values out of range and combinations that cannot work are refused with
the reason before anything is written. \`node dist/run.js --dry-run\` shows the whole resolved configuration and where each value came from.
`;

/** The page, as Markdown. */
export function configurationPage(): string {
  const bySection = new Map<string, string[]>(Object.keys(SECTIONS).map((name) => [name, []]));
  for (const [key, { description, defaultValue, schema }] of KEYS) {
    const section = key.split('.').slice(0, -1).join('.');
    const rows = bySection.get(section);
    if (!rows) throw new Error(`section ${section} of ${key} has no heading: add one to SECTIONS`);
    const shown = defaultValue === Math.SQRT2 ? '√2' : `\`${JSON.stringify(defaultValue)}\``;
    const cells = [`\`${key}\``, shown, unitOf(key, defaultValue), allowedOf(schema), description];
    rows.push(`| ${cells.map((cell) => cell.replace(/[|<]/g, '\\$&')).join(' | ')} |`);
  }
  const tables = [...bySection].map(([name, rows]) => {
    const title = name === '' ? SECTIONS[name]! : `${SECTIONS[name]}: \`${name}\``;
    return [
      `## ${title}`,
      '',
      '| key | default | unit | allowed | meaning |',
      '|---|---|---|---|---|',
      ...rows,
    ].join('\n');
  });
  return `${[HEAD, ...tables].join('\n\n').replaceAll('\n\n\n', '\n\n')}\n`;
}

function unitOf(key: string, value: unknown): string {
  if (typeof value !== 'number') return '';
  return UNITS.find(([name]) => name.test(key))?.[1] ?? '';
}

/** What the schema says after "expected" when it is given something that is no value of any key. */
function allowedOf(schema: KeyInfo['schema']): string {
  const { error } = schema.safeParse(Symbol('no value')) as { error?: { issues: { message: string }[] } };
  const expected = error?.issues[0]?.message ?? '';
  return schema.safeParse(null).success ? `${expected}; or null` : expected;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync(CONFIGURATION_PAGE, configurationPage());
  console.log(`wrote ${CONFIGURATION_PAGE}`);
}
