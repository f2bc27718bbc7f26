// The same seeds on several versions of Node.js, which npx fetches: the trace hashes must agree.
// node scripts/hashes.mjs [--seeds N] [VERSION…], where a version is 20 or 24.1.0.
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: 'string', default: '300' } },
});
const versions = positionals.length > 0 ? positionals : ['20', '24'];
const protocols = ['attiya-register'];

/** What `dsm simulate` says the hash of all runs is, and which Node.js said so. */
function hashOn(version, protocol) {
  const node = (...args) =>
    execFileSync('npx', ['-y', '-p', `node@${version}`, 'node', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  const out = node('apps/node/dist/main.js', 'simulate', protocol, '--seeds', values.seeds);
  const hash = /^trace hash +([0-9a-f]+)$/m.exec(out)?.[1];
  if (hash === undefined) throw new Error(`Node.js ${version} printed no trace hash:\n${out}`);
  return { hash, ran: node('--version').trim() };
}

for (const protocol of protocols) {
  const hashes = new Set();
  for (const version of versions) {
    const { hash, ran } = hashOn(version, protocol);
    hashes.add(hash);
    console.log(`${protocol}: ${values.seeds} seeds on Node.js ${ran}: trace hash ${hash}`);
  }
  if (hashes.size > 1) {
    console.error(`${protocol}: the trace hashes differ`);
    process.exitCode = 1;
  }
}
