/** A copy of the checkout in a temporary folder, in which faults can be made and tests be run. */
import { execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Fault } from './fault.ts';

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** Longest run of a test file, whole-engine builds included. */
const RUN_LIMIT_MS = 900_000;
const TEST_LIMIT_MS = 600_000;

export interface TestRun {
  readonly passed: number;
  /** First lines of what made tests fail, or kept them from running. */
  readonly failures: readonly string[];
}

/** The folder is removed when the process exits. */
export class Checkout {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'fireforge-faults-'));

  constructor() {
    process.once('exit', () => rmSync(this.folder, { recursive: true, force: true }));
    // Files that are new and not ignored belong to the checkout, too.
    const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
      cwd: REPOSITORY,
      encoding: 'utf8',
    });
    for (const file of listed.split('\0')) {
      const from = path.join(REPOSITORY, file);
      if (statSync(from, { throwIfNoEntry: false })?.isFile()) cpSync(from, path.join(this.folder, file));
    }
    symlinkSync(path.join(REPOSITORY, 'node_modules'), path.join(this.folder, 'node_modules'));
    this.linkVerilatorRuntime();
  }

  /** The objects that all benches of modules share; what is built of faulty modules stays in the copy. */
  private linkVerilatorRuntime(): void {
    const builds = path.join(REPOSITORY, 'build/test-rtl');
    const target = path.join(this.folder, 'build/test-rtl');
    mkdirSync(target, { recursive: true });
    const names = existsSync(builds) ? readdirSync(builds) : [];
    for (const name of names.filter((name) => /^runtime-\w+$/.test(name))) {
      symlinkSync(path.join(builds, name), path.join(target, name));
    }
  }

  /** Runs `use` with the fault in place. Throws when the text to be replaced is not there exactly once. */
  async withFault<T>(fault: Fault, use: () => Promise<T>): Promise<T> {
    const file = path.join(this.folder, fault.file);
    const sound = readFileSync(file, 'utf8');
    writeFileSync(file, faulty(fault, sound));
    try {
      return await use();
    } finally {
      writeFileSync(file, sound);
    }
  }

  /** Runs a test file, or those of its tests whose names match `only`; up to the first failure. */
  async runTest(test: string, only?: string): Promise<TestRun> {
    const report = path.join(this.folder, 'build/report.json');
    rmSync(report, { force: true });
    const options = ['--bail=1', '--maxWorkers=1', `--testTimeout=${TEST_LIMIT_MS}`];
    const reporter = ['--reporter=json', `--outputFile=${report}`];
    const filter = only === undefined ? [] : ['-t', only];
    const output = await run(
      ['node_modules/vitest/vitest.mjs', 'run', test, ...filter, ...options, ...reporter],
      this.folder,
    );
    if (!existsSync(report)) return { passed: 0, failures: [`no report: ${output.slice(-300)}`] };
    return readReport(readFileSync(report, 'utf8'));
  }
}

/** The text with the fault in it. */
export function faulty({ name, file, before, after }: Fault, text: string): string {
  const parts = text.split(before);
  if (parts.length !== 2) {
    throw new Error(`fault ${name}: ${file} has ${parts.length - 1} times (not once) \`${before}\``);
  }
  return parts.join(after);
}

interface Report {
  readonly testResults: readonly {
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

function readReport(text: string): TestRun {
  const { testResults } = JSON.parse(text) as Report;
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = tests.flatMap(({ failureMessages }) => failureMessages ?? []);
  const broken = testResults.filter(({ status, assertionResults }) => {
    return status === 'failed' && assertionResults.every((test) => test.status !== 'failed');
  });
  return {
    passed: tests.filter(({ status }) => status === 'passed').length,
    failures: [...failed, ...broken.map(({ message }) => message)],
  };
}

/** Everything that node prints. Models of whole engines are kept in the copy and not in the user's cache. */
function run(args: readonly string[], folder: string): Promise<string> {
  const env = { ...process.env, XDG_CACHE_HOME: path.join(folder, 'build/cache') };
  const child = spawn(process.execPath, args, { cwd: folder, env, timeout: RUN_LIMIT_MS });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve(output));
  });
}
