/** The process that decodes one Parquet file: `path column…` in, a JSON line for each row out, and a last line that says how it ended. */
import { once } from 'node:events';
import { decodeParquet, RefusedFile } from './parquet-decoder.js';

/** What the process writes; a last line is always `done` or `error`, so that one that died is not taken for a file's end. */
export type DecoderLine =
  | { readonly row: unknown }
  | { readonly field: string; readonly problem: string }
  | { readonly done: true }
  | { readonly error: string };

const [path, ...columns] = process.argv.slice(2);

async function write(line: DecoderLine): Promise<void> {
  if (!process.stdout.write(`${JSON.stringify(line)}\n`)) await once(process.stdout, 'drain');
}

// Whoever reads this may have seen enough.
process.stdout.on('error', () => process.exit(0));
try {
  for await (const row of decodeParquet(path ?? '', columns)) await write(row);
  await write({ done: true });
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException;
  const isClear = error instanceof RefusedFile || code !== undefined;
  await write({ error: isClear ? message : `it is damaged (${message})` });
}
