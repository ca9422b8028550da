/**
 * The folder of one run: what it was told, on which machine, and what happened.
 *
 * Invariants:
 * - a run never shares its folder: one that holds anything is refused, and names are claimed atomically;
 * - creating the folder is the first write of a run, so call it once configuration and policy are known to be good.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Config } from '../config/schema.js';
import { claimFolder, claimNumberedFolder, folderNameOf } from './claim-folder.js';
import { JsonlSink } from './jsonl.js';
import { escapeJson } from './sanitize.js';

/** Version of the folder's layout. */
const LAYOUT_VERSION = 1;

export interface RunIdentity {
  readonly config: Config;
  readonly sources: Readonly<Record<string, string>>;
  /** Arguments after the script's name. */
  readonly argv: readonly string[];
  /** Node, program and dependencies by name. */
  readonly versions: Readonly<Record<string, string>>;
  readonly startedAt: Date;
  /** Folder that `runs/` and a relative `runDir` belong to. */
  readonly workingDirectory: string;
}

export class RunDirectory {
  /** Absolute. */
  readonly path: string;
  readonly name: string;
  readonly metrics: JsonlSink;
  readonly events: JsonlSink;
  readonly checkpointsPath: string;
  readonly samplesPath: string;

  /** Use `createRunDirectory`; the folder must exist and be empty. */
  constructor(path: string) {
    this.path = path;
    this.name = basename(path);
    this.checkpointsPath = join(path, 'checkpoints');
    this.samplesPath = join(path, 'samples');
    mkdirSync(this.checkpointsPath);
    mkdirSync(this.samplesPath);
    this.metrics = new JsonlSink(join(path, 'metrics.jsonl'));
    this.events = new JsonlSink(join(path, 'events.jsonl'));
  }

  /** Folder for the checkpoint taken after `update` updates; the caller creates it. */
  checkpointPath(update: number): string {
    return join(this.checkpointsPath, `update-${sixDigits(update)}`);
  }

  /** Writes the judged completions of the evaluation after `update` updates. */
  writeEvaluation(update: number, rows: readonly object[]): void {
    const sink = new JsonlSink(join(this.samplesPath, `evaluation-${sixDigits(update)}.jsonl`));
    for (const row of rows) sink.write(row);
    sink.close();
  }

  /** Writes a JSON file of the run, such as its summary. */
  writeJson(name: string, value: object): void {
    writeFileSync(join(this.path, name), `${escapeJson(JSON.stringify(value, null, 2))}\n`);
  }

  /** Flushes and closes the logs. */
  close(): void {
    this.metrics.close();
    this.events.close();
  }
}

/** Creates the folder and writes run.json, config.json and config-sources.json. Throws CONFIG if it is taken. */
export function createRunDirectory(identity: RunIdentity): RunDirectory {
  const { config } = identity;
  const runs = resolve(identity.workingDirectory, 'runs');
  const path =
    config.runDir === null
      ? claimNumberedFolder(runs, `${folderNameOf(config.model)}-seed${config.seed}`, 'runDir')
      : claimFolder(resolve(identity.workingDirectory, config.runDir), 'runDir');
  const directory = new RunDirectory(path);
  directory.writeJson('run.json', {
    layoutVersion: LAYOUT_VERSION,
    name: directory.name,
    startedAt: identity.startedAt.toISOString(),
    argv: identity.argv,
    seed: config.seed,
    versions: identity.versions,
    machine: describeMachine(),
  });
  directory.writeJson('config.json', config);
  directory.writeJson('config-sources.json', identity.sources);
  return directory;
}

/** What figures of a run depend on. */
export function describeMachine(): Record<string, string | number> {
  const processors = cpus();
  return {
    platform: platform(),
    arch: arch(),
    release: release(),
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cpuCount: processors.length,
    memoryBytes: totalmem(),
  };
}

function sixDigits(update: number): string {
  return String(update).padStart(6, '0');
}
