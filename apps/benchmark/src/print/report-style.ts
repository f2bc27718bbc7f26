/** The style of the report: one accent for each series, in light and in dark. */
export const reportStyle = `
:root { color-scheme: light dark; --ink: #1c2024; --quiet: #60646c; --line: #e0e3e7; --paper: #fcfcfd;
  --read: #3a5bc7; --write: #d6793a; --legal: #2b7a4b; --illegal: #c62a2f; --unknown: #946800; }
@media (prefers-color-scheme: dark) { :root { --ink: #edeef0; --quiet: #a0a4ab; --line: #2f3237; --paper: #16181b;
  --read: #8da4ef; --write: #f0a56b; --legal: #65ba87; --illegal: #ff8b8e; --unknown: #f3d768; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 3rem 1.5rem; max-width: 72rem; background: var(--paper); color: var(--ink);
  font: 15px/1.55 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.05rem; margin: 2.5rem 0 .75rem; }
p, dl { margin: 0; color: var(--quiet); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; margin-top: 1rem; }
dt { color: var(--quiet); } dd { margin: 0; color: var(--ink); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { padding: .4rem .6rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--quiet); font-weight: 500; } th:first-child, td:first-child { text-align: left; padding-left: 0; }
svg { width: 100%; height: auto; display: block; } svg text { fill: var(--ink); font-size: 12px; }
svg .quiet { fill: var(--quiet); } svg .axis { stroke: var(--line); }
.read { fill: var(--read); color: var(--read); } .write { fill: var(--write); color: var(--write); }
.legal { color: var(--legal); } .illegal { color: var(--illegal); } .unknown { color: var(--unknown); }
.unchecked { color: var(--quiet); } .verdict { font-weight: 600; }
.key span::before { content: ''; display: inline-block; width: .7em; height: .7em; margin: 0 .4em 0 1em;
  background: currentColor; border-radius: 2px; }
ul { padding-left: 1.1rem; margin: .25rem 0 0; color: var(--quiet); } pre { overflow-x: auto; }
`;
