// Style is a test: prints every line that breaks a rule of scripts/tidy/rules.mjs, and why the rule is there.
import { projectFiles, textOf } from './files.mjs';
import { complaintsAbout } from './tidy/rules.mjs';

const complaints = projectFiles().flatMap((path) => {
  const text = textOf(path);
  return text === undefined ? [] : complaintsAbout(text, path);
});

for (const { path, line, text, rule } of complaints) {
  process.stdout.write(`${path}:${line}  ${text}\n    ${rule.name}. ${rule.why}\n`);
}
if (complaints.length > 0) process.exitCode = 1;
