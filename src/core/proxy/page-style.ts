/** The looks of our pages: one style sheet, no other resource. A test keeps its hash in step (see `page.ts`). */

export const styleHash = 'sha256-Dv6vfLQb9kZd/b4tJLAiGCiIu0qU36UGgApb1qcKYwE=';

export const style = `
:root {
  color-scheme: light dark;
  --page: #f3f4f6; --card: #fff; --line: #e1e4e8; --text: #1f2328; --soft: #59636e; --inset: #f6f8fa;
  --calm: #59636e; --busy: #0969da; --waiting: #9a6700; --troubled: #cf222e; --good: #1a7f37;
  --c0: #1f2328; --c1: #b42318; --c2: #116329; --c3: #7d4e00; --c4: #0550ae; --c5: #8250df; --c6: #1b7c83; --c7: #59636e;
  --c8: #6e7781; --c9: #cf222e; --c10: #1a7f37; --c11: #9a6700; --c12: #0969da; --c13: #a040c0; --c14: #14717a; --c15: #32383f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15181c; --card: #1e2227; --line: #32383f; --text: #e6e9ec; --soft: #9da7b1; --inset: #15181c;
    --calm: #9da7b1; --busy: #6cb2ff; --waiting: #e0b341; --troubled: #ff7b72; --good: #56d364;
    --c0: #8b949e; --c1: #ff7b72; --c2: #56d364; --c3: #e3b341; --c4: #79c0ff; --c5: #d2a8ff; --c6: #56d4dd; --c7: #c9d1d9;
    --c8: #8b949e; --c9: #ffa198; --c10: #7ee787; --c11: #f2cc60; --c12: #a5d6ff; --c13: #e2c5ff; --c14: #b3f0ff; --c15: #fff;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; padding: clamp(1rem, 7vh, 5rem) 1rem 2rem; background: var(--page); color: var(--text);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, Ubuntu, "Helvetica Neue", sans-serif;
}
[data-mood] { --mood: var(--calm); }
[data-mood=busy] { --mood: var(--busy); }
[data-mood=waiting] { --mood: var(--waiting); }
[data-mood=troubled] { --mood: var(--troubled); }
[data-mood=good] { --mood: var(--good); }
main {
  max-width: 46rem; margin: 0 auto; overflow: hidden; background: var(--card);
  border: 1px solid var(--line); border-top: 4px solid var(--mood); border-radius: 10px;
  box-shadow: 0 1px 2px #0001, 0 10px 30px #0001;
}
main > * { margin: 0; padding: 0 1.75rem; }
main > header { padding-top: 1.5rem; padding-bottom: 1.25rem; }
h1 { margin: .6rem 0 .25rem; font-size: 1.6rem; line-height: 1.25; font-weight: 650; letter-spacing: -.01em; text-wrap: balance; overflow-wrap: anywhere; }
h2 { margin: 0 0 .5rem; font-size: .85rem; font-weight: 600; color: var(--soft); }
p { margin: 0 0 .75rem; overflow-wrap: anywhere; }
header p { margin: 0; }
.next { color: var(--soft); }
.state { display: inline-flex; align-items: center; gap: .4rem; color: var(--mood); font-size: .8rem; font-weight: 650; letter-spacing: .05em; white-space: nowrap; }
.state svg { flex: none; width: 1rem; height: 1rem; fill: none; stroke: currentColor; stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round; }
#state { display: flex; flex-wrap: wrap; align-items: center; gap: 0 .75rem; }
.exit { color: var(--soft); font-size: .85rem; }
code, pre { font: 13px/1.55 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 4; }
#why:empty, #instances:empty, #stderr:empty { display: none; }
.reason { font-size: 1.02rem; }
.sentence { margin-bottom: .75rem; padding: .55rem .8rem; border-left: 3px solid var(--mood); background: var(--inset); border-radius: 0 6px 6px 0; }
.hint { display: flex; gap: .55rem; color: var(--soft); }
.hint svg { flex: none; width: 1.1rem; height: 1.1rem; margin-top: .2rem; fill: none; stroke: currentColor; stroke-width: 1.4; stroke-linecap: round; stroke-linejoin: round; }
#why { padding-bottom: .75rem; }
ul { list-style: none; margin: 0; padding: 0; }
#instances { padding-bottom: 1.25rem; }
#instances ul { display: grid; grid-template-columns: minmax(6rem, max-content) max-content 1fr; gap: 0 1.5rem; }
#instances li { display: grid; grid-column: 1 / -1; grid-template-columns: subgrid; align-items: center; padding: .5rem 0; border-top: 1px solid var(--line); }
#instances .name { font-weight: 600; overflow-wrap: anywhere; }
#instances .detail { color: var(--soft); overflow-wrap: anywhere; }

a { color: var(--busy); text-underline-offset: .15em; }
a:focus-visible, pre:focus-visible { outline: 2px solid var(--busy); outline-offset: 2px; border-radius: 3px; }
#stderr { padding-top: 1rem; padding-bottom: 1rem; background: var(--inset); border-top: 1px solid var(--line); }
#stderr pre { max-height: 24rem; overflow: auto; }
form label { display: block; margin-bottom: .3rem; font-weight: 600; font-size: .9rem; }
form label.choice { display: flex; align-items: center; gap: .5rem; width: fit-content; margin: 0; font-weight: 400; font-size: 1rem; }
form input[type=text] { width: 100%; max-width: 24rem; padding: .5rem .65rem; font: inherit; color: var(--text); background: var(--inset); border: 1px solid var(--line); border-radius: 6px; }
form input[type=checkbox] { width: 1rem; height: 1rem; margin: 0; accent-color: var(--busy); }
form p:last-child { margin: 1.25rem 0 1.5rem; }
button { margin-right: .5rem; padding: .45rem 1rem; font: inherit; font-weight: 600; color: var(--text); background: var(--card); border: 1px solid var(--line); border-radius: 6px; cursor: pointer; }
button.first { color: var(--card); background: var(--busy); border-color: var(--busy); }
form input:focus-visible, button:focus-visible { outline: 2px solid var(--busy); outline-offset: 1px; }
.refused { color: var(--troubled); }
footer { display: flex; flex-wrap: wrap; gap: .25rem 1rem; justify-content: space-between; padding-top: .8rem; padding-bottom: .8rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .85rem; }
.bold { font-weight: 700; } .dim { opacity: .7; } .italic { font-style: italic; } .underline { text-decoration: underline; }
.fg-0 { color: var(--c0); } .fg-1 { color: var(--c1); } .fg-2 { color: var(--c2); } .fg-3 { color: var(--c3); }
.fg-4 { color: var(--c4); } .fg-5 { color: var(--c5); } .fg-6 { color: var(--c6); } .fg-7 { color: var(--c7); }
.fg-8 { color: var(--c8); } .fg-9 { color: var(--c9); } .fg-10 { color: var(--c10); } .fg-11 { color: var(--c11); }
.fg-12 { color: var(--c12); } .fg-13 { color: var(--c13); } .fg-14 { color: var(--c14); } .fg-15 { color: var(--c15); }
.spin { transform-origin: center; animation: spin 1.1s linear infinite; }
@keyframes spin { to { transform: rotate(1turn); } }
@media (prefers-reduced-motion: reduce) { .spin { animation-duration: 6s; } }
@media (max-width: 34rem) {
  main > * { padding-left: 1.1rem; padding-right: 1.1rem; }
  #instances ul { grid-template-columns: 1fr max-content; }
  #instances .detail { grid-column: 1 / -1; }
}
@media print { body { background: none; padding: 0; } main { border: 0; box-shadow: none; } #stderr pre { max-height: none; } }
`;
