import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Usage } from './server.js';

/** Linux counts the time of processes in hundredths of a second, whatever its kernel does inside. */
const ticksPerSecond = 100;
const pageBytes = 4_096;

/** What a process that is not ours has used. Nobody counts its bytes. */
export async function processUsage(pid: number): Promise<Usage> {
  const found = process.platform === 'linux' ? await fromProc(pid) : await fromPs(pid);
  return { ...found, bytes: Number.NaN };
}

async function fromProc(pid: number): Promise<Omit<Usage, 'bytes'>> {
  const [stat, statm] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/statm`, 'utf8'),
  ]);
  // The name stands in parentheses and may hold spaces; user and system time are the 14th and 15th word.
  const words = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    cpuSeconds: (Number(words[11]) + Number(words[12])) / ticksPerSecond,
    residentBytes: Number(statm.split(' ')[1]) * pageBytes,
  };
}

/** `1:02.34` or `01:02:03`, and kilobytes. */
async function fromPs(pid: number): Promise<Omit<Usage, 'bytes'>> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'time=', '-o', 'rss=', '-p', String(pid)]);
  const [time = '', kilobytes] = stdout.trim().split(/\s+/);
  const cpuSeconds = time.split(':').reduce((seconds, part) => seconds * 60 + Number(part), 0);
  return { cpuSeconds, residentBytes: Number(kilobytes) * 1_024 };
}
