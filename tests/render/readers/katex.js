// KaTeX in its strict mode reads each formula; what it refuses is printed. Arguments: katex's folder. Standard input: [[tex, display]].
const katex = require(process.argv[2]);
let wrong = 0;
for (const [tex, display] of JSON.parse(require("fs").readFileSync(0, "utf8")))
  try {
    katex.renderToString(tex, { strict: "error", throwOnError: true, displayMode: display });
  } catch (error) {
    wrong += 1;
    console.error(`${error.message}: ${tex}`);
  }
process.exit(wrong ? 1 : 0);
