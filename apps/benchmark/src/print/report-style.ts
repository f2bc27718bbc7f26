import { paletteStyle } from './palette.js';

/** The style of the report, in light and in dark, for wide screens and narrow ones. */
export const reportStyle = `
:root { color-scheme: light dark; --ink: #1c2024; --quiet: #5b6068; --line: #dcdfe4; --soft: #f1f3f6;
  --illegal: #b3261e; --unknown: #7a5800; --legal: #1f6b40; }
@media (prefers-color-scheme: dark) { :root { --ink: #edeef0; --quiet: #a6abb3; --line: #33373e; --soft: #20242a;
  --illegal: #ff9b97; --unknown: #f0cf66; --legal: #77cf9b; } }
${paletteStyle()}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2.5rem 1.5rem 5rem; max-width: 76rem; background: var(--paper); color: var(--ink);
  font: 15px/1.55 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.2rem; margin: 3rem 0 .5rem; } h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
p, ul { margin: .5rem 0; max-width: 52rem; } .quiet, p.about { color: var(--quiet); }
.choice { background: var(--soft); border-radius: .6rem; padding: 1.1rem 1.4rem; margin: 1.5rem 0; max-width: 56rem; }
.choice h2 { margin: 0 0 .4rem; } .choice > p { font-size: 1.08rem; } .choice li { margin: .35rem 0; }
.choice ul { padding-left: 1.1rem; color: var(--ink); }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); gap: 1.5rem 2.5rem; }
.two > * { min-width: 0; }
figure { margin: 1rem 0 0; } figcaption { font-weight: 600; margin-bottom: .5rem; }
.bars { list-style: none; margin: 0; padding: 0; max-width: none; }
.bars > li { display: grid; grid-template-columns: 15rem 1fr; gap: 0 .75rem; padding: .2rem 0; align-items: start; }
.bars .name { text-align: right; overflow-wrap: anywhere; line-height: 1.3; padding-top: .1rem; }
.two .bars > li { grid-template-columns: 11.5rem 1fr; } .two .bars .value { width: 8.5rem; }
.bars .line { display: flex; gap: .6rem; align-items: center; min-height: 1.45rem; }
.bars .kind { color: var(--quiet); font-size: .85em; } .logarithmic .kind { width: 2.9rem; }
.logarithmic .line > :first-child { width: 2.9rem; flex: none; }
.bars .track { position: relative; flex: 1; height: 1.45rem; min-width: 4rem; border-left: 1px solid var(--line); }
.logarithmic .track { background: repeating-linear-gradient(to right, var(--line) 0 1px, transparent 1px
  calc(100% / var(--decades))); border-right: 1px solid var(--line); }
.bars .value { width: 11rem; flex: none; font-size: .9em; white-space: nowrap; }
.logarithmic .value { width: 15rem; } .axis .line::after { content: ''; width: 15rem; flex: none; }
.axis .track { background: none; border: 0; height: 1.2rem; } .axis .track span { position: absolute; font-size: .8em;
  color: var(--quiet); transform: translateX(-50%); white-space: nowrap; }
.fill, .tail, .range { position: absolute; } .fill { top: .3rem; bottom: .3rem; background: var(--c); min-width: 2px; }
.fill.p1 { background: repeating-linear-gradient(135deg, var(--c) 0 5px, transparent 5px 8px);
  box-shadow: inset 0 0 0 1.5px var(--c); }
.fill.p2 { background: repeating-linear-gradient(90deg, var(--c) 0 3px, transparent 3px 6px);
  box-shadow: inset 0 0 0 1.5px var(--c); }
.fill.p3 { background: none; box-shadow: inset 0 0 0 2px var(--c); }
.tail { top: 50%; height: 0; border-top: 2px solid var(--c); }
.tail::after { content: ''; position: absolute; right: 0; top: -.35rem; height: calc(.7rem - 2px);
  border-right: 2px solid var(--c); }
.range { top: 50%; height: 0; border-top: 1.5px solid var(--ink); }
.range::before, .range::after { content: ''; position: absolute; top: -.3rem; height: .5rem;
  border-left: 1.5px solid var(--ink); }
.range::after { right: 0; }
.legend { display: flex; flex-wrap: wrap; gap: .15rem .35rem; margin: .75rem 0 -.25rem -.4rem; }
.legend button { all: unset; cursor: pointer; display: inline-flex; gap: .4rem; align-items: center; font-size: .82rem;
  padding: .1rem .4rem; border-radius: .3rem; }
.legend button:hover { background: var(--soft); } .legend button:focus-visible { outline: 2px solid var(--c0); }
.legend button[aria-pressed='false'] { color: var(--quiet); text-decoration: line-through; opacity: .6; }
.legend svg, .swatch { width: 1.9rem; height: .7rem; flex: none; } .legend line, .swatch line { stroke: var(--c);
  stroke-width: 2.5; }
.plot { min-height: 240px; position: relative; } .plot .uplot { max-width: 100%; }
.tip { position: absolute; z-index: 2; pointer-events: none; background: var(--ink); color: var(--paper);
  font-size: .8rem;
  padding: .15rem .5rem; border-radius: .3rem; white-space: nowrap; }
.scroll { overflow-x: auto; margin: .75rem 0; } table { border-collapse: collapse; min-width: 100%; font-size: .92em; }
caption { text-align: left; color: var(--quiet); padding-bottom: .3rem; white-space: nowrap; }
th, td { padding: .35rem .7rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap;
  font-weight: 400; }
thead th { color: var(--quiet); font-size: .9em; vertical-align: bottom; } th:first-child { text-align: left;
  padding-left: 0; }
td.words { white-space: normal; min-width: 16rem; text-align: left; }
details { margin: .75rem 0; } summary { cursor: pointer; color: var(--quiet); }
.badge, .verdict { font-weight: 600; } .badge { font-size: .8em; } .legal { color: var(--legal); }
  .illegal { color: var(--illegal); }
.unknown { color: var(--unknown); } .unchecked { color: var(--quiet); }
.verdicts { list-style: none; padding: 0; max-width: none; } .verdicts > li { margin: .6rem 0; }
.verdicts ul { color: var(--quiet); margin: .1rem 0; padding-left: 1.1rem; }
pre { overflow-x: auto; background: var(--soft); padding: .75rem 1rem; border-radius: .4rem; font-size: .85em; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .75rem 0; }
  dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 52rem) {
  body { padding: 1.25rem 1rem 3rem; } h1 { font-size: 1.35rem; } .choice { padding: .9rem 1rem; }
  .bars > li, .two .bars > li { grid-template-columns: minmax(0, 1fr); padding: .3rem 0; }
  .bars .name { text-align: left; }
  .bars .line { flex-wrap: wrap; gap: 0 .5rem; } .bars .line .value, .two .bars .value { width: auto;
  min-width: 6.5rem; }
  .logarithmic .value { flex: 1 0 100%; order: -1; width: auto; padding-left: 3.4rem; margin-bottom: -.1rem; }
  .axis .line::after { display: none; } .axis > span { display: none; }
  .logarithmic .line:not(:first-child) { margin-top: .2rem; } .axis .track { margin-right: 1rem; }
  dl { grid-template-columns: 1fr; } dt { margin-top: .4rem; }
}
@media print { .plot, .choice { break-inside: avoid; } }
`;
