/** `doctor`: checks what a run needs on this machine, and says what is wrong, why and what to do. Exit code 1 if any check failed. */
import { examine } from '../doctor/doctor.js';
import { EXIT } from '../errors.js';
import { jsonLine } from '../observe/jsonl.js';
import { packageRoot } from '../package-info.js';
import type { DoctorOptions } from './arguments.js';
import { renderChecks } from './views/checks.js';
import { hasColor } from './views/terminal.js';

/** Runs the command; gives the exit code. */
export async function runDoctor(options: DoctorOptions): Promise<number> {
  const results = await examine({
    model: options.model ?? 'models/nano',
    workingDirectory: process.cwd(),
    packageRoot,
    nodeVersion: process.versions.node,
  });
  const failed = results.filter(({ status }) => status === 'fail').length;
  if (options.json) process.stdout.write(jsonLine({ type: 'doctor', failed, checks: results }));
  else {
    const color = hasColor({ stream: process.stdout, env: process.env, color: options.color });
    process.stdout.write(renderChecks(results, color));
  }
  return failed === 0 ? EXIT.done : EXIT.internal;
}
