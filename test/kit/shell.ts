/** Runs command lines as a user types them, in a folder of its own. */
import { exec } from 'node:child_process';

/** One that takes this long hangs. */
const TIMEOUT_MS = 200_000;

/** What npm tells the scripts that it runs about themselves; a user's shell has none of it. */
const OF_NPM =
  /^npm_(package|lifecycle|command|execpath|node_execpath|config_(local_prefix|node_gyp|noproxy))/;

const MAX_OUTPUT_BYTES = 1e8;

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function shell(
  line: string,
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const inherited = Object.entries(process.env).filter(([name]) => !OF_NPM.test(name));
  const options = {
    cwd,
    env: { ...Object.fromEntries(inherited), ...env },
    timeout: TIMEOUT_MS,
    maxBuffer: MAX_OUTPUT_BYTES,
  };
  return new Promise((resolve) => {
    exec(line, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : (error.code ?? 1);
      resolve({ code, stdout, stderr });
    });
  });
}
