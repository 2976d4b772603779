// Prints what it reads on stdin, once that has ended, and its marks.
let text = '';
for await (const chunk of process.stdin) text += chunk;
console.log(JSON.stringify({ text, cwd: process.cwd(), env: process.env, args: process.argv.slice(2) }));
