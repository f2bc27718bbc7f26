// Every relative link in a Markdown file leads to a file that exists and, after #, to a heading in it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectFiles, root, textOf } from './files.mjs';
import { deadLinks } from './links/markdown.mjs';

const world = { exists: (path) => existsSync(join(root, path)), read: textOf };
const pages = projectFiles().filter((path) => path.endsWith('.md') && textOf(path) !== undefined);
const dead = pages.flatMap((path) => deadLinks(textOf(path), path, world));

for (const { path, line, text } of dead) process.stdout.write(`${path}:${line}  ${text}\n`);
if (dead.length > 0) process.exitCode = 1;
